import { Injectable } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { Counter, Histogram } from 'prom-client';
import { type RequestObserver } from '../common/http/request-log.js';
import { LongRequests } from '../common/http/long-requests.js';
import { routePattern } from '../common/http/routes.js';
import { DURATION_BOUNDS, Metrics } from './metrics.js';

const KNOWN_METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
]);

/** The routes whose writes are counted, starting at 0: if a series began at 1, its first increase would not show. */
const WRITES = [
  '/sessions',
  '/sessions/:sessionId/events',
  '/sessions/:sessionId/events/batch',
  '/sessions/:sessionId/complete',
];

/** From an export that takes a moment to a stream of a long call, in seconds. */
const LONG_BOUNDS = [0.1, 1, 5, 15, 30, 60, 300, 900, 3600];

type Outcome = 'created' | 'replayed' | 'mismatched' | 'refused';

/**
 * Times every request, and counts the results of writes. It takes all of this from the response once it is sent (the
 * route, the status, the `Idempotent-…` headers), so no other code has to know of it.
 */
@Injectable()
export class RequestMetrics {
  private readonly durations: Histogram<'method' | 'route' | 'status'>;
  private readonly long: Histogram<'route' | 'status'>;
  private readonly writes = new Map<string, Record<Outcome, number>>(
    WRITES.map((route) => [route, { created: 0, replayed: 0, mismatched: 0, refused: 0 }]),
  );

  constructor(
    { registry }: Metrics,
    private readonly longRequests: LongRequests,
  ) {
    this.durations = new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time from the head of a request to the last byte of its response, except for long requests.',
      labelNames: ['method', 'route', 'status'],
      buckets: [...DURATION_BOUNDS],
      registers: [registry],
    });
    this.long = new Histogram({
      name: 'conversation_long_request_duration_seconds',
      help: 'The same for streams, exports and requests that wait for events.',
      labelNames: ['route', 'status'],
      buckets: LONG_BOUNDS,
      registers: [registry],
    });
    const { writes } = this;
    new Counter({
      name: 'conversation_writes_total',
      help: 'Writes answered: created (made the change), replayed (had been made), mismatched (a replay that differs), refused (the same under handling=strict).',
      labelNames: ['route', 'outcome'],
      registers: [registry],
      collect() {
        this.reset();
        for (const [route, outcomes] of writes) {
          for (const [outcome, count] of Object.entries(outcomes)) this.inc({ route, outcome }, count);
        }
      },
    });
  }

  readonly observe: RequestObserver = (request, response, durationMs) => {
    this.record(request, response, durationMs / 1000);
  };

  private record(request: Request, response: Response, seconds: number): void {
    const method = KNOWN_METHODS.has(request.method) ? request.method : 'OTHER';
    const route = routePattern(request);
    // A client that left before it was answered got no status; the response only has Node's default.
    const status = response.headersSent ? String(response.statusCode) : 'aborted';
    if (this.longRequests.includes(response)) this.long.observe({ route, status }, seconds);
    else this.durations.observe({ method, route, status }, seconds);
    if (method === 'POST' && response.headersSent) this.countWrite(route, response);
  }

  private countWrite(route: string, response: Response): void {
    const outcome = outcomeOf(response);
    const outcomes = this.writes.get(route);
    if (outcome && outcomes) outcomes[outcome]++;
  }
}

/** The result of a write, according to its response; undefined if nothing was written or replayed. */
function outcomeOf(response: Response): Outcome | undefined {
  if (response.statusCode === 409) return 'refused';
  if (response.statusCode >= 300) return undefined;
  if (response.hasHeader('Idempotent-Mismatch')) return 'mismatched';
  return response.hasHeader('Idempotent-Replayed') ? 'replayed' : 'created';
}
