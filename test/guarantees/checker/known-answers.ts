import { type ErrorView } from '../api.js';
import { type Answer, type Request } from '../history.js';
import { type Rule } from './rule.js';

/** The possible statuses of each request. These clients send nothing malformed. */
const STATUSES: Readonly<Record<Request['kind'], readonly number[]>> = {
  create: [200, 201, 409, 410, 503],
  append: [200, 201, 404, 409, 410, 503],
  batch: [200, 201, 404, 410, 503],
  patch: [200, 404, 410, 503],
  complete: [200, 404, 410, 503],
  delete: [204, 404, 503],
  read: [200, 404, 410, 503],
};
const CODES: Readonly<Record<number, readonly string[]>> = {
  404: ['SESSION_NOT_FOUND'],
  409: ['SESSION_CONFLICT', 'EVENT_CONFLICT'],
  410: ['SESSION_DELETED'],
  503: ['STORE_UNAVAILABLE'],
};

export const knownAnswers: Rule = {
  name: 'known answers',
  promise:
    'Every answer is one that the contract has for its request: never a 500, and a 503 always with `Retry-After`.',
  check({ exchanges }, findings) {
    for (const exchange of exchanges) {
      const { answer, request } = exchange;
      if (!answer) continue;
      findings.expect(
        isKnown(answer, request.kind),
        () => `a ${request.kind} was answered with ${answer.status} ${(answer.body as ErrorView).code}`,
        exchange,
      );
    }
  },
};

function isKnown({ status, retryAfter, body }: Answer, kind: Request['kind']): boolean {
  if (!STATUSES[kind].includes(status)) return false;
  if (status < 400) return true;
  const { code, statusCode } = body as ErrorView;
  return (
    statusCode === status &&
    (CODES[status]?.includes(code) ?? false) &&
    (status !== 503 || retryAfter !== undefined)
  );
}
