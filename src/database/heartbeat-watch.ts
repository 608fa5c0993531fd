import { type mongo } from 'mongoose';

const TICK_MS = 500;

/**
 * Notices that the driver has stopped monitoring a server, and would never find it again.
 *
 * Each server has a monitor that sends it a heartbeat every `heartbeatFrequencyMS`, and reconnects if there is no
 * reply. If its socket has been destroyed, but has not reported this yet, when the monitor writes to it, the monitor
 * waits without a time-out for a `drain` that never comes (`Connection.writeCommand`). It makes no further attempt, and
 * from then on every operation fails, even if the server is healthy. A healthy monitor always ends an attempt, one way
 * or the other.
 *
 * This is not rare with a server that closes its connections gracefully, as one that restarts does: of 15 clients under
 * load whose connections a proxy closed every 0.3 to 1.5 s, all had lost their server within 14 s. It affects the
 * driver (`mongodb`) from 7.5 to 7.9; we found no upstream report. This class can go when the driver is fixed, which
 * its test will show by failing.
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
