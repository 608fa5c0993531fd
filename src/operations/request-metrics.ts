import { Injectable } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { Counter, Histogram } from 'prom-client';
import { routePattern } from '../common/http/routes.js';
import { DURATION_BOUNDS, Metrics } from './metrics.js';

/** The routes whose writes are counted. */
const WRITES = [
  '/sessions',
  '/sessions/:sessionId/events',
  '/sessions/:sessionId/events/batch',
  '/sessions/:sessionId/complete',
];

const OUTCOMES = ['created', 'replayed', 'mismatched', 'refused'] as const;

/**
 * Times every request, and counts the results of writes. It takes all of this from the response once it is sent (the
 * route, the status, the `Idempotent-…` headers), so no other code has to know of it.
 */
@Injectable()
export class RequestMetrics {
  private readonly durations: Histogram<'method' | 'route' | 'status'>;
  private readonly long: Histogram<'route' | 'status'>;
  private readonly writes: Counter<'route' | 'outcome'>;

  constructor({ registry }: Metrics) {
    this.durations = new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time from the head of a request to the last byte of its response, except for long requests.',
      labelNames: ['method', 'route', 'status'],
      buckets: DURATION_BOUNDS,
      registers: [registry],
    });
    this.long = new Histogram({
      name: 'conversation_long_request_duration_seconds',
      help: 'The same for streams, exports and requests that wait for events.',
      labelNames: ['route', 'status'],
      buckets: [0.1, 1, 5, 15, 30, 60, 300, 900, 3600], // from a short export to the stream of a long call
      registers: [registry],
    });
    this.writes = new Counter({
      name: 'conversation_writes_total',
      help: 'Writes answered: created (made the change), replayed (had been made), mismatched (a replay that differs), refused (the same under handling=strict).',
      labelNames: ['route', 'outcome'],
      registers: [registry],
    });
    // If a series began with 1, its first increase would not show.
    for (const route of WRITES) for (const outcome of OUTCOMES) this.writes.inc({ route, outcome }, 0);
  }

  /** Call it when a response is sent, or its client has left. */
  record(request: Request, response: Response, seconds: number): void {
    const route = routePattern(request);
    // A client that left before it was answered got no status; the response only has Node's default.
    const status = response.headersSent ? String(response.statusCode) : 'aborted';
    if (response.locals['isLong'] === true) this.long.observe({ route, status }, seconds);
    else this.durations.observe({ method: request.method, route, status }, seconds);
    const outcome = response.headersSent && outcomeOf(response);
    if (request.method === 'POST' && outcome && WRITES.includes(route)) this.writes.inc({ route, outcome });
  }
}

/** The result of a write, according to its response; undefined if nothing was written or replayed. */
function outcomeOf(response: Response): (typeof OUTCOMES)[number] | undefined {
  if (response.statusCode === 409) return 'refused';
  if (response.statusCode >= 300) return undefined;
  if (response.hasHeader('Idempotent-Mismatch')) return 'mismatched';
  return response.hasHeader('Idempotent-Replayed') ? 'replayed' : 'created';
}
