import { type Limits } from '../../config/load-config.js';

/** The ids of all examples, which belong together. They do not rise with time: DESIGN.md says why ids should not. */
export const EXAMPLE = {
  sessionId: '9b2f6c1e-6d0a-4f57-8a3e-2c4f1d7e9a10',
  eventId: 'evt-0001',
  interimId: 'evt-0000',
} as const;

/** The text at the head of the API's description, in Markdown. */
export function guide(summary: string, limits: Limits): string {
  return `${summary}

A **session** is one conversation, and its **events** are what happens in it. You choose the ids of both. The service gives
each event a \`sequence\`: 1, 2, 3 … without a gap, in the order in which they were stored.

**Every write is safe to retry.** Repeating a POST changes nothing, and answers 200 with what is stored and
\`Idempotent-Replayed: true\`. If the content differs, the stored content stays, and \`Idempotent-Mismatch: true\` says
so; with \`Prefer: handling=strict\` that is a 409. Content is compared as JSON values; key order does not matter. PATCH and
DELETE have no such headers, and a patch that is sent again late wins over those between.

**Events after the end** of a session are stored like any other, and read as \`late: true\`.

**The examples** belong together: press *Execute* from top to bottom. The last one deletes the session, and its
\`sessionId\` can't be used again; choose another one to start over.

**Errors** have a stable \`code\`: see the schema \`Error\`. Besides the errors listed for each operation, an unknown path is
404 \`ROUTE_NOT_FOUND\`, and a method that a path does not support is 405 \`METHOD_NOT_ALLOWED\` with \`Allow\`. Requests that
are not HTTP (400), too slow (408) or have too large headers (431) get a response without a body, and the connection is closed.

**Unknown fields** of a body and unknown query parameters are a 400, and never ignored. Null is the same as leaving out.

**Times** are RFC 3339 with \`Z\` or an offset (\`2026-03-01T12:00:00+02:00\`, also \`+0200\`, also with a space for the \`T\`), or a
number, the Unix time: below 10¹¹ in seconds, from there below 10¹⁴ in milliseconds. In queries a date is midnight UTC. A time
without an offset is a 400. Responses are always UTC with milliseconds.

**JSON comes back unchanged**: \`metadata\` and \`payload\` come back as the same JSON values, or are refused with 400 and
the place of the fault. Keys keep their order, except that whole-number keys (\`"10"\`) come first in ascending order, as in
every JavaScript object. As I-JSON (RFC 7493) says, numbers are IEEE 754 doubles, and the last of several equal keys counts:
\`123456789012345.6789\` comes back as \`123456789012345.67\`, and \`1e-400\` as \`0\`. An integer that a double would change is a
400. Send what must stay exact as a string.

**Limits**: a body has at most ${limits.MAX_BODY_BYTES} bytes (a batch of events ${limits.MAX_BATCH_BODY_BYTES}), or it is a 413; the others
stand with the fields they are for.
`;
}
