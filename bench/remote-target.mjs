import { append, create } from './requests.mjs';
import { inParallel } from './load.mjs';

const WIDTH = 32;

/** A service that runs elsewhere, of which only the address is known: filled by its own API, its processor time unknown. */
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

  /** Creates sessions with the events that `eventsOf` gives of each, in their order, many sessions at a time. */
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
