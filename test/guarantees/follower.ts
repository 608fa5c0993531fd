import { setTimeout as sleep } from 'node:timers/promises';
import { type EventView, type SessionView } from './api.js';
import { type Endpoint } from './client.js';
import { now, type Following } from './history.js';

/** The pause before it reconnects. */
const RECONNECT_MS = 200;

/**
 * Follows one session by its stream, as an `EventSource` would: it reconnects after its last event, as long as that is
 * possible.
 */
export class Follower {
  /** One for each connection with a response. */
  readonly followings: Following[] = [];
  private readonly ending = new AbortController();
  private turn = 0;

  constructor(
    private readonly endpoints: readonly Endpoint[],
    readonly sessionId: string,
  ) {}

  /** The last sequence that it received. */
  get last(): number {
    const { after, shown } = this.followings.at(-1) ?? { after: 0, shown: [] };
    return shown.at(-1)?.sequence ?? after;
  }

  /** Whether it was told that nothing more will come. */
  get isDone(): boolean {
    return [204, 410].includes(this.followings.at(-1)?.status ?? 0);
  }

  /** Follows until it is told that nothing more will come, or to stop. */
  async run(): Promise<void> {
    while (!this.isDone && !this.ending.signal.aborted) {
      await this.connect().catch(() => undefined); // it was cut; what was received until then counts
      await sleep(RECONNECT_MS);
    }
  }

  stop(): void {
    this.ending.abort();
  }

  private async connect(): Promise<void> {
    const { name, url } = this.endpoints[this.turn++ % this.endpoints.length] as Endpoint;
    const after = this.last;
    const sentAt = now();
    const response = await fetch(`${url}/sessions/${this.sessionId}/events/stream`, {
      headers: { accept: 'text/event-stream', ...(after > 0 && { 'last-event-id': String(after) }) },
      signal: this.ending.signal,
    });
    const shown: EventView[] = [];
    const ends: SessionView[] = [];
    const { sessionId } = this;
    this.followings.push({ sessionId, instance: name, sentAt, after, status: response.status, shown, ends });
    if (response.status !== 200 || !response.body) return response.body?.cancel();
    for await (const { event, data } of framesOf(response.body)) {
      if (event === 'event') shown.push(JSON.parse(data) as EventView);
      if (event === 'session') ends.push(JSON.parse(data) as SessionView);
    }
  }
}

interface Frame {
  readonly event: string | undefined;
  readonly data: string;
}

/** The frames of a stream; if it was cut, only the complete ones. */
async function* framesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Frame> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of body) {
    text += decoder.decode(bytes, { stream: true });
    const frames = text.split('\n\n');
    text = frames.pop() ?? '';
    for (const frame of frames) yield { event: fieldOf('event', frame), data: fieldOf('data', frame) ?? '' };
  }
}

function fieldOf(name: string, frame: string): string | undefined {
  const line = frame.split('\n').find((one) => one.startsWith(`${name}: `));
  return line?.slice(name.length + 2);
}
