import { append, create } from './requests.mjs';
import { inParallel } from './load.mjs';

const WIDTH = 32;

/**
 * A service that runs elsewhere, known only by its address: it is filled by its API, and its processor time is unknown.
 */
export class RemoteTarget {
  name = 'against';

  constructor(url) {
    this.url = url.replace(/\/$/, '');
  }

  async request({ method, path, headers, body }) {
    const response = await fetch(this.url + path, { method, headers, body });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
  }

  async send(method, path) {
    const response = await fetch(this.url + path, { method });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
    return response.json();
  }

  /** Creates sessions with the events that `eventsOf` returns for each, in order, many sessions at a time. */
  async fill(sessionIds, eventsOf) {
    await inParallel(sessionIds, WIDTH, async (sessionId) => {
      await this.request(create(sessionId));
      for (const event of eventsOf(sessionId)) {
        const { eventId, timestamp } = event;
        await this.request(append(sessionId, eventId, timestamp));
      }
    });
  }

  cpuSeconds() {
    return NaN;
  }

  peakMemory() {
    return NaN;
  }

  resetPeakMemory() {}

  async stop() {}
}
