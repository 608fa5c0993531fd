import type { Socket } from 'node:net';
import { FrameReader } from './frames.js';
import { formatReply, parseMessage, type Request } from './messages.js';

/** Answers one command; it never rejects. */
export type Answer = (request: Request) => Promise<Buffer>;

/** Requests that may wait on a connection before it is read no further. */
const MAX_WAITING = 100;

/** One client: its commands are answered one after the other, in the order they came. */
export class Connection {
  private readonly frames = new FrameReader();
  private readonly waiting: Request[] = [];
  private working: Promise<void> | undefined;
  private closing = false;

  constructor(
    private readonly socket: Socket,
    private readonly answer: Answer,
    private readonly log: (line: string) => void,
  ) {
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      this.receive(chunk);
    });
    // A client that goes away is no event worth a line.
    socket.on('error', () => socket.destroy());
  }

  /** Answers what has come, then closes. */
  async close(): Promise<void> {
    this.closing = true;
    this.socket.pause();
    await this.working;
    await new Promise<void>((resolve) => {
      if (this.socket.destroyed) resolve();
      else this.socket.end(resolve);
    });
    this.socket.destroy();
  }

  private receive(chunk: Buffer): void {
    if (this.closing) return;
    try {
      for (const message of this.frames.push(chunk)) this.waiting.push(parseMessage(message));
    } catch (error) {
      this.log(`A connection was closed: ${error instanceof Error ? error.message : String(error)}.`);
      this.closing = true;
      this.socket.destroy();
      return;
    }
    if (this.waiting.length > MAX_WAITING) this.socket.pause();
    if (this.waiting.length > 0) this.working ??= this.work();
  }

  private async work(): Promise<void> {
    for (let request = this.waiting.shift(); request; request = this.waiting.shift()) {
      const reply = await this.answer(request);
      if (!request.silent && !this.socket.destroyed) this.socket.write(formatReply(request, reply));
      if (!this.closing && this.socket.isPaused() && this.waiting.length < MAX_WAITING / 2)
        this.socket.resume();
    }
    this.working = undefined;
  }
}
