import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * What happens to the bytes between the service and the store:
 * - `pass`: they get through.
 * - `cut`: connections are broken, and new ones are refused.
 * - `stall`: connections stay open, but no bytes move.
 * - `hold`: as in a network that is cut: what is sent is kept, and delivered when the bytes pass again, even if the
 *   connection was closed meanwhile.
 * - `lose-answers`: requests get through; half of the first bytes of each reply do, then the connection is reset.
 */
export type Weather = 'pass' | 'cut' | 'stall' | 'hold' | 'lose-answers';

/** How long a connection that the service closed while bytes were held stays open to the store, which they reach then. */
const DELIVERY_MS = 5000;

interface Pair {
  readonly service: Socket;
  readonly store: Socket;
  /** What the service sent and the store has not got yet. */
  held: Buffer[];
}

/** A proxy between one instance and the store that can cut, stall and hold connections, also in the middle of a reply. */
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
      else this.flow(pair);
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
    const pair: Pair = { service, store, held: [] };
    this.pairs.add(pair);
    service.setNoDelay(true);
    store.setNoDelay(true);
    service.on('data', (bytes) => {
      if (this.weather === 'hold') pair.held.push(bytes);
      else store.write(bytes);
    });
    store.on('data', (bytes) => {
      if (this.weather !== 'lose-answers') {
        service.write(bytes);
        return;
      }
      service.write(bytes.subarray(0, bytes.length / 2), () => {
        breakOffBoth(pair);
      });
    });
    service.on('error', () => undefined); // its `close` follows
    store.on('error', () => undefined);
    service.on('close', () => {
      if (pair.held.length === 0) store.end();
      else this.flow(pair);
    });
    store.on('close', () => {
      service.destroy();
      this.pairs.delete(pair);
    });
    this.flow(pair);
  }

  /** Lets the bytes of a connection move, as far as the weather allows. */
  private flow(pair: Pair): void {
    const { service, store, held } = pair;
    if (this.weather === 'stall') {
      service.pause();
      store.pause();
      return;
    }
    service.resume(); // while bytes are held too: only thus is it seen that the service closes the connection
    if (this.weather === 'hold') {
      store.pause();
      return;
    }
    store.resume();
    for (const bytes of held) store.write(bytes);
    pair.held = [];
    if (service.closed && held.length > 0) setTimeout(() => store.destroy(), DELIVERY_MS).unref();
  }
}

function breakOffBoth({ service, store }: Pair): void {
  breakOff(service);
  store.destroy();
}

/**
 * Breaks a connection off: its other end sees it reset.
 *
 * One that is just being ended is closed instead. Node can't reset it (EINVAL) and yet takes it for closed from then on:
 * its descriptor stays open, its `close` never comes, and at its end the process waits for it for ever, on a full core,
 * where it can tell nobody (`Environment::CleanupHandles`; so do Node 20, 22, 24 and 26).
 */
function breakOff(socket: Socket): void {
  const isBeingEnded = socket.writableEnded && !socket.writableFinished;
  if (isBeingEnded) socket.destroy();
  else socket.resetAndDestroy();
}
