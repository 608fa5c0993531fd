import { type components } from './openapi.js';

type ErrorBody = components['schemas']['Error'];

/** The service refused a request. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';

  constructor(
    readonly status: number,
    /** What to switch on; undefined where something before the service answered. */
    readonly code: string | undefined,
    message: string,
    /** What is wrong, field by field. */
    readonly details: ErrorBody['details'],
    /** The id under which the service's log knows the request. */
    readonly requestId: string | undefined,
    /** Milliseconds after which the service wants to be asked again. */
    readonly retryAfterMs: number,
  ) {
    super(message);
  }

  /** Reads an answer that is an error. */
  static async from(response: Response): Promise<ServiceError> {
    const text = await response.text();
    const body = parse(text);
    return new ServiceError(
      response.status,
      body.code,
      [body.message ?? `HTTP ${response.status}`].flat().join('; '),
      body.details,
      response.headers.get('x-request-id') ?? undefined,
      Math.max(0, Number(response.headers.get('retry-after') ?? 0) * 1000) || 0,
    );
  }
}

/** No answer came in time; whether the request was carried out is not known. The last failure is its `cause`. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}

function parse(text: string): Partial<ErrorBody> {
  try {
    return JSON.parse(text) as Partial<ErrorBody>;
  } catch {
    return {}; // a proxy's page
  }
}
