import { EXAMPLE } from './guide.js';

const TRUE = { type: 'string', enum: ['true'] };

/** The headers of responses, which the description defines once. */
export const responseHeaders = {
  'X-Request-Id': {
    description: 'The id of the request in the log: the client’s, if it is well formed.',
    required: true,
    schema: { type: 'string', pattern: '^[\\w.:/+=@-]{1,128}$' },
  },
  Location: {
    description: 'The path of the new session.',
    required: true,
    schema: { type: 'string', format: 'uri-reference' },
    example: `/sessions/${EXAMPLE.sessionId}`,
  },
  'Idempotent-Replayed': {
    description: 'Present if an earlier request had done it already, and this one changed nothing.',
    schema: TRUE,
  },
  'Idempotent-Mismatch': {
    description: 'Present on a replay with other content than what is stored, which stays unchanged.',
    schema: TRUE,
  },
  'Preference-Applied': {
    description: 'Present if the preference of the request, such as `Prefer: handling=strict`, was applied.',
    schema: { type: 'string', enum: ['handling=strict', 'handling=lenient'] },
  },
  'Retry-After': {
    description: 'Seconds to wait before trying again.',
    required: true,
    schema: { type: 'integer', minimum: 0 },
    example: 1,
  },
  'Accept-Patch': {
    description: 'Present on a response to PATCH: the content type that it accepts.',
    schema: { type: 'string', enum: ['application/merge-patch+json'] },
  },
  Vary: {
    description: 'A client that prefers `text/html`, as browsers do, gets a page.',
    required: true,
    schema: { type: 'string', enum: ['Accept'] },
  },
} as const;

export type ResponseHeader = keyof typeof responseHeaders;

/** References to headers, for a response. */
export function headers(...names: readonly ResponseHeader[]): Record<string, { $ref: string }> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
