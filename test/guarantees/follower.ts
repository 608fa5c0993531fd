import { setTimeout as sleep } from 'node:timers/promises';
import { openStream } from '../support/event-stream.js';
import { type SessionBody } from '../support/representations.js';
import { type Endpoint } from './client.js';
import { now, type Event, type Following } from './history.js';

/** The pause before it connects again. */
const RECONNECT_MS = 200;

/**
 * Follows one session by its stream at one instance, as an `EventSource` would: it reconnects after its last event, as
 * long as that is possible.
 */
export class Follower {
  /** One for each connection with a response. */
  private readonly connections: { readonly look: () => Following; readonly close: () => void }[] = [];
  private isStopped = false;

  constructor(
    private readonly endpoint: Endpoint,
    readonly sessionId: string,
  ) {}

  get followings(): Following[] {
    return this.connections.map(({ look }) => look());
  }

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
    while (!this.isDone && !this.isStopped) {
      await this.connect().catch(() => undefined); // it was cut; what was received until then counts
      await sleep(RECONNECT_MS);
    }
  }

  stop(): void {
    this.isStopped = true;
    for (const { close } of this.connections) close();
  }

  private async connect(): Promise<void> {
    const { endpoint, sessionId, last: after } = this;
    const sentAt = now();
    const headers = after > 0 ? { 'last-event-id': String(after) } : {};
    const stream = await openStream(endpoint.url, sessionId, { headers });
    let isOver = false;
    const look = (): Following => {
      const dataOf = (name: string) =>
        stream.blocks
          .filter(({ event }) => event === name)
          .map(({ data }) => JSON.parse(data ?? '') as unknown);
      const [end] = dataOf('session') as SessionBody[];
      return {
        sessionId,
        instance: endpoint.name,
        sentAt,
        after,
        status: stream.status,
        shown: dataOf('event') as Event[],
        ...(end && { end }),
        isOver,
      };
    };
    this.connections.push({
      look,
      close: () => {
        stream.close();
      },
    });
    await stream.ended();
    isOver = true;
  }
}
