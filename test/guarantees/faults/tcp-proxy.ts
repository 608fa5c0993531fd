import { connect, createServer, type Server, type Socket } from 'node:net';
import { breakOff } from '../../support/break-off.js';

/**
 * What happens to the bytes between the service and the store:
 * - `pass`: they get through.
 * - `cut`: connections are broken, and new ones are refused.
 * - `stall`: connections stay open, but no bytes move.
 * - `end`: connections are closed gracefully, and new ones are accepted, as by a store that is restarted.
 * - `delay`: replies are delayed by 50 ms, in order.
 * - `repeat`: now and then, the last part of a chunk is sent twice, in either direction, which TCP would never do.
 * - `lose-answers`: requests get through; half of the first bytes of each reply do, then the connection is reset.
 */
export type Weather = 'pass' | 'cut' | 'end' | 'stall' | 'delay' | 'repeat' | 'lose-answers';

const DELAY_MS = 50;

interface Pair {
  readonly service: Socket;
  readonly store: Socket;
}

/** A proxy between one instance and the store that can cut and stall connections, also in the middle of a reply. */
export class TcpProxy {
  private readonly pairs = new Set<Pair>();
  private readonly server: Server;
  private weather: Weather = 'pass';

  constructor(
    readonly port: number,
    private readonly target: { readonly host: string; readonly port: number },
  ) {
    this.server = createServer((service) => {
      this.join(service);
    });
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.port, '127.0.0.1', resolve);
    });
  }

  set(weather: Weather): void {
    this.weather = weather;
    for (const pair of this.pairs) {
      if (weather === 'cut') breakOffBoth(pair);
      else if (weather === 'end') end(pair);
      else if (weather === 'stall') pause(pair);
      else resume(pair);
    }
  }

  close(): Promise<void> {
    for (const pair of this.pairs) breakOffBoth(pair);
    return new Promise((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
  }

  private join(service: Socket): void {
    if (this.weather === 'cut') {
      breakOff(service);
      return;
    }
    const store = connect(this.target.port, this.target.host);
    const pair = { service, store };
    this.pairs.add(pair);
    service.setNoDelay(true);
    store.setNoDelay(true);
    service.on('data', (bytes) => store.write(this.weather === 'repeat' ? repeating(bytes) : bytes));
    store.on('data', (bytes) => {
      if (this.weather === 'delay') {
        store.pause();
        setTimeout(() => {
          service.write(bytes);
          if (this.weather !== 'stall') store.resume();
        }, DELAY_MS);
        return;
      }
      if (this.weather !== 'lose-answers') {
        service.write(this.weather === 'repeat' ? repeating(bytes) : bytes);
        return;
      }
      service.write(bytes.subarray(0, bytes.length / 2), () => {
        breakOffBoth(pair);
      });
    });
    for (const [socket, other] of [
      [service, store],
      [store, service],
    ] as const) {
      socket.on('error', () => other.destroy()); // closing the other side is all there is to do
      socket.on('close', () => {
        other.destroy();
        this.pairs.delete(pair);
      });
    }
    if (this.weather === 'stall') pause(pair);
  }
}

/** A chunk of a stream; one time in ten with its end repeated. */
function repeating(bytes: Buffer): Buffer {
  const from = Math.floor(Math.random() * 10 * bytes.length);
  return from === 0 ? bytes : Buffer.concat([bytes, bytes.subarray(from)]);
}

function breakOffBoth({ service, store }: Pair): void {
  breakOff(service);
  store.destroy();
}

function end({ service, store }: Pair): void {
  service.end();
  store.destroy();
}

function pause({ service, store }: Pair): void {
  service.pause();
  store.pause();
}

function resume({ service, store }: Pair): void {
  service.resume();
  store.resume();
}
