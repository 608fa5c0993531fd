import { type mongo } from 'mongoose';

const TICK_MS = 500;

/**
 * Notices that the driver has ceased to look after a server, and would never find it again.
 *
 * Each server has a monitor that asks it for a sign of life every `heartbeatFrequencyMS`, and connects anew where none
 * comes. Should its socket be destroyed, and not yet have told so, when the monitor writes to it, the monitor waits for
 * a `drain` that never comes, without a time-out (`Connection.writeCommand`): it makes no further attempt, and every
 * operation fails from then on, however well the server is. A healthy monitor always ends an attempt, one way or the
 * other.
 *
 * Not rare where a server ends its connections in order, as one that is restarted does: of 15 clients under load whose
 * connections a proxy ended every 0.3 to 1.5 s, all had lost their server within 14 s. Known in the driver (`mongodb`)
 * from 7.5 to 7.9, without an upstream report that we could find. This can go when the driver is mended, which its test
 * will tell by failing.
 */
export class HeartbeatWatch {
  /** Ticks since each server's monitor began or ended an attempt. Not times: a paused process is not a silent monitor. */
  private readonly silence = new Map<string, number>();
  private readonly timer: NodeJS.Timeout;

  /** @param onSilence called once, when a monitor has been silent for longer than a healthy one can be. */
  constructor(client: mongo.MongoClient, onSilence: (server: string) => void) {
    // An attempt begins one period after the last one, and ends within one time-out.
    const limitMs = client.options.heartbeatFrequencyMS + client.options.connectTimeoutMS + 2 * TICK_MS;
    const hear = ({ connectionId }: { readonly connectionId: string }) => this.silence.set(connectionId, 0);
    client
      .on('serverHeartbeatStarted', hear)
      .on('serverHeartbeatSucceeded', hear)
      .on('serverHeartbeatFailed', hear)
      .on('serverClosed', ({ address }) => this.silence.delete(address));
    this.timer = setInterval(() => {
      for (const [server, ticks] of this.silence) {
        this.silence.set(server, ticks + 1);
        if (ticks * TICK_MS < limitMs) continue;
        this.stop();
        onSilence(server);
        return;
      }
    }, TICK_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
