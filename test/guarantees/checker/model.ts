import { type AppendBody, type EventView, type ReadQuery, type SessionView } from '../api.js';
import {
  HistoryRecorder,
  isRead,
  resourceOf,
  type Answer,
  type Exchange,
  type History,
  type Request,
} from '../history.js';
import { Random } from '../random.js';
import { contentOf } from '../contents.js';
import { inOrderOf } from './order.js';
import { lastKeyOf, ownKeyOf } from './patches-kept.js';

const SESSION = 'modelled';
const CLIENTS = 6;
/** The start of modelled time. */
const EPOCH = Date.UTC(2026, 2, 1, 12);

/** A correct service in a few lines, from which the real one must be indistinguishable. */
class Model {
  private session: SessionView | null = null;
  private readonly log: EventView[] = [];
  private deleted = false;

  serve(request: Request, at: number): Answer {
    if (this.deleted) return request.kind === 'delete' ? success(204, null) : refusal(410, 'SESSION_DELETED');
    if (request.kind === 'create') return this.create(request.body.language, at);
    if (!this.session) return refusal(404, 'SESSION_NOT_FOUND');
    switch (request.kind) {
      case 'append':
        return this.append(request.body, request.strict, at);
      case 'batch':
        return this.batch(request.body.events, at);
      case 'patch':
        return this.patch(this.session, request.body.metadata);
      case 'delete':
        return this.delete();
      case 'complete':
        return this.complete(at);
      case 'read':
        return this.read(this.session, request.query);
    }
  }

  final(instance: string): History['final'][number] {
    const { deleted } = this;
    return { sessionId: SESSION, instance, session: this.session, deleted, events: [...this.log] };
  }

  remains(): History['remains'] {
    return this.deleted ? [{ sessionId: SESSION, events: 0, fields: ['sessionId', 'deletedAt'] }] : [];
  }

  private create(language: string, at: number): Answer {
    if (this.session) return success(200, this.session, language !== this.session.language);
    this.session = {
      sessionId: SESSION,
      status: 'initiated',
      language,
      startedAt: timeOf(at),
      endedAt: null,
      finalSequence: null,
      metadata: {},
    };
    return success(201, this.session);
  }

  private append({ eventId, type, payload, timestamp }: AppendBody, strict: boolean, at: number): Answer {
    const stored = this.log.find((event) => event.eventId === eventId);
    if (stored) {
      const differs = stored.payload['variant'] !== payload['variant'];
      return differs && strict ? refusal(409, 'EVENT_CONFLICT') : success(200, stored, differs);
    }
    const receivedAt = timeOf(at);
    const event = {
      eventId,
      sessionId: SESSION,
      sequence: this.log.length + 1,
      type,
      payload,
      timestamp: timestamp ?? receivedAt,
      receivedAt,
    };
    this.log.push(event);
    if (this.session?.status === 'initiated') this.session = { ...this.session, status: 'active' };
    return success(201, event);
  }

  private batch(events: readonly AppendBody[], at: number): Answer {
    const results = events.map((body) => {
      const { status, replayed, mismatch, body: event } = this.append(body, false, at);
      return { status, replayed, mismatch, event: event as EventView };
    });
    return success(results.some(({ status }) => status === 201) ? 201 : 200, { results });
  }

  private patch(session: SessionView, change: SessionView['metadata']): Answer {
    this.session = { ...session, metadata: { ...session.metadata, ...change } };
    return { ...success(200, this.session), replayed: false };
  }

  private delete(): Answer {
    this.deleted = true;
    this.session = null;
    this.log.length = 0;
    return success(204, null);
  }

  /** What a follower received whose connection broke in the middle. */
  followings(): History['followings'] {
    const middle = Math.floor(this.log.length / 2);
    const one = { sessionId: SESSION, instance: 'model', sentAt: 0, status: 200, ends: [] };
    return this.deleted
      ? []
      : [
          { ...one, after: 0, shown: this.log.slice(0, middle) },
          { ...one, after: middle, shown: this.log.slice(middle) },
        ];
  }

  private complete(at: number): Answer {
    if (!this.session) throw new Error('no session');
    if (this.session.endedAt !== null) return success(200, this.session);
    this.session = {
      ...this.session,
      status: 'completed',
      endedAt: timeOf(at),
      finalSequence: this.log.length,
    };
    return { ...success(200, this.session), replayed: false };
  }

  private read(session: SessionView, query: ReadQuery): Answer {
    const { limit, page, cursor } = query;
    const compare = inOrderOf(query);
    const after = this.log.find(({ eventId }) => eventId === cursor);
    const sorted = this.log.toSorted(compare).filter((event) => !after || compare(event, after) > 0);
    const start = ((page ?? 1) - 1) * limit;
    const rows = sorted.slice(start, start + limit);
    const hasMore = start + limit < sorted.length;
    const total = this.log.length;
    const { finalSequence } = session;
    return success(200, {
      ...session,
      events: rows.map((event) => ({
        ...event,
        late: finalSequence !== null && event.sequence > finalSequence,
      })),
      pagination: {
        ...(cursor === undefined && { total, page: page ?? 1, totalPages: Math.ceil(total / limit) }),
        limit,
        hasMore,
        nextCursor: hasMore ? (rows.at(-1)?.eventId ?? null) : null,
      },
    });
  }
}

/** Chooses a client's next request; a walk is one read after another. */
class ModelClient {
  private walk: { readonly id: number; readonly query: ReadQuery; step: number } | undefined;
  private walks = 0;
  private patches = 0;

  constructor(
    private readonly number: number,
    private readonly random: Random,
    private readonly deletes: boolean,
  ) {}

  choose(last: Exchange | undefined): Request {
    const { random } = this;
    if (this.walk && last && isRead(last)) {
      const cursor = resourceOf(last)?.pagination.nextCursor;
      if (!last.answer) return last.request;
      if (cursor) return this.step({ ...this.walk.query, cursor });
      this.walk = undefined;
    }
    const strict = random.chance(0.3);
    const query = {
      limit: random.whole(2, 9),
      sort: random.pick(['timestamp', 'sequence'] as const),
      order: random.pick(['asc', 'desc'] as const),
    };
    const weights = { create: 5, append: 60, batch: 4, patch: 6, complete: 2, read: 20, walk: 8 };
    const kind = random.weighted({ ...weights, delete: this.deletes ? 1 : 0 });
    switch (kind) {
      case 'create':
        return { kind, sessionId: SESSION, body: { sessionId: SESSION, language: 'en' }, strict };
      case 'complete':
        return { kind, sessionId: SESSION, body: {} };
      case 'delete':
        return { kind, sessionId: SESSION };
      case 'append':
        return { kind, sessionId: SESSION, body: this.event(), strict };
      case 'batch': {
        const events = Array.from({ length: random.whole(1, 4) }, () => this.event());
        return { kind, sessionId: SESSION, body: { events } };
      }
      case 'patch': {
        const patch = ++this.patches;
        const metadata = { [lastKeyOf(this.number)]: patch, [ownKeyOf(this.number, patch)]: patch };
        return { kind, sessionId: SESSION, body: { metadata } };
      }
      case 'read':
        return { kind, sessionId: SESSION, query: { ...query, page: random.whole(1, 5) } };
      case 'walk':
        this.walk = { id: this.number * 1000 + ++this.walks, query, step: -1 };
        return this.step(query);
    }
  }

  private event(): AppendBody {
    return contentOf(SESSION, `e-${this.random.whole(1, 60)}`, this.random.chance(0.2) ? 1 : 0);
  }

  private step(query: ReadQuery): Request {
    if (!this.walk) throw new Error('no walk is under way');
    this.walk.step++;
    return { kind: 'read', sessionId: SESSION, query, walk: { walk: this.walk.id, step: this.walk.step } };
  }
}

/**
 * A correct history of a few clients whose requests overlap, and some of whose responses get lost.
 *
 * @param deletes whether they delete the session at some time.
 */
export function modelHistory(seed: number, deletes: boolean, requests = 400): History {
  const random = new Random(seed);
  const model = new Model();
  const recorder = new HistoryRecorder();
  const clients = Array.from({ length: CLIENTS }, (_, number) => {
    const client = new ModelClient(number, random.fork(), deletes);
    return { client, last: undefined as Exchange | undefined, ...spanFrom(random.next(), random) };
  });
  for (let count = 0; count < requests; count++) {
    // Requests take effect one after the other, at a moment between their sending and their response.
    const next = clients.reduce((first, other) => (other.effectAt < first.effectAt ? other : first));
    const request = next.client.choose(next.last);
    const isLost = random.chance(0.08);
    const isServed = !isLost || random.chance(0.5);
    const answer = isServed ? model.serve(request, next.effectAt) : undefined;
    const { sentAt, endedAt } = next;
    const fate = isLost || !answer ? { lost: 'timeout' } : { answer };
    next.last = recorder.add({ instance: 'model', attempt: 1, request, sentAt, endedAt, ...fate } as Omit<
      Exchange,
      'index'
    >);
    Object.assign(next, spanFrom(endedAt + random.next(), random));
  }
  return {
    exchanges: recorder.exchanges,
    final: [model.final('model'), model.final('another')],
    remains: model.remains(),
    followings: model.followings(),
  };
}

function spanFrom(sentAt: number, random: Random) {
  const effectAt = sentAt + 0.01 + random.next() * 3;
  return { sentAt, effectAt, endedAt: effectAt + 0.01 + random.next() * 3 };
}

function timeOf(at: number): string {
  return new Date(EPOCH + Math.round(at * 1000)).toISOString();
}

function success(status: number, body: Answer['body'], mismatch = false): Answer {
  return { status, replayed: status === 200, mismatch, retryAfter: undefined, body };
}

function refusal(status: number, code: string): Answer {
  const body = { statusCode: status, code } as Answer['body'];
  return { status, replayed: false, mismatch: false, retryAfter: undefined, body };
}
