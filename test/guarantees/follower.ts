import { setTimeout as sleep } from 'node:timers/promises';
import { openStream, type OpenStream } from '../support/event-stream.js';
import { type SessionBody } from '../support/representations.js';
import { type Endpoint } from './client.js';
import { now, type Event, type Following } from './history.js';

/** The pause before it connects again. */
const RECONNECT_MS = 200;

interface Connection {
  readonly sentAt: number;
  /** The last sequence that the follower had before. */
  readonly after: number;
  readonly stream: OpenStream;
  isOver: boolean;
}

/**
 * Follows one session by its stream at one instance, as an `EventSource` would: it reconnects after its last event, as
 * long as that is possible.
 */
export class Follower {
  /** Those with a response. */
  private readonly connections: Connection[] = [];
  private isStopped = false;

  constructor(
    private readonly endpoint: Endpoint,
    readonly sessionId: string,
  ) {}

  get followings(): Following[] {
    return this.connections.map(({ stream, ...about }) => {
      const dataOf = (name: string) =>
        stream.blocks.flatMap(({ event, data = '' }) =>
          event === name ? [JSON.parse(data) as unknown] : [],
        );
      const [end] = dataOf('session') as SessionBody[];
      const shown = dataOf('event') as Event[];
      const { endpoint, sessionId } = this;
      return {
        ...about,
        sessionId,
        instance: endpoint.name,
        status: stream.status,
        shown,
        ...(end && { end }),
      };
    });
  }

  /** The last sequence that it received. */
  get last(): number {
    const { stream, after } = this.connections.at(-1) ?? { after: 0 };
    return stream?.sequences().at(-1) ?? after;
  }

  /** Whether it was told that nothing more will come. */
  get isDone(): boolean {
    return [204, 410].includes(this.connections.at(-1)?.stream.status ?? 0);
  }

  /** Follows until it is told that nothing more will come, or to stop. */
  async run(): Promise<void> {
    while (!this.isDone && !this.isStopped) {
      await this.connect().catch(() => undefined); // it was cut; what was received until then counts
      await sleep(RECONNECT_MS);
    }
  }

  stop(): void {
    this.isStopped = true;
    for (const { stream } of this.connections) stream.close();
  }

  private async connect(): Promise<void> {
    const { endpoint, sessionId, last: after } = this;
    const sentAt = now();
    const headers = after > 0 ? { 'last-event-id': String(after) } : {};
    const stream = await openStream(endpoint.url, sessionId, { headers });
    const connection = { sentAt, after, stream, isOver: false };
    this.connections.push(connection);
    await stream.ended();
    connection.isOver = true;
  }
}
