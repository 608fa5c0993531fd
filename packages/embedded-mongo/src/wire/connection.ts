import type { Socket } from 'node:net';
import { FrameReader } from './frames.js';
import { parseMessage, replyHead, type Request } from './messages.js';

/** Runs a command and returns its reply. It never rejects. */
export type Answer = (request: Request) => Promise<Buffer>;

/** How long a client that does not read its replies may delay the server's shutdown. */
const CLOSING_MS = 2_000;

/** One client, whose commands run one after the other, in order. */
export class Connection {
  private readonly frames = new FrameReader();
  private readonly waiting: Request[] = [];
  private working: Promise<void> | undefined;
  private closing = false;

  /** `stallTimeoutMs` is how many milliseconds a client may leave a reply unread, or a message unfinished. */
  constructor(
    private readonly socket: Socket,
    private readonly answer: Answer,
    private readonly log: (line: string) => void,
    private stallTimeoutMs: number,
  ) {
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      this.receive(chunk);
    });
    socket.on('timeout', () => {
      if (socket.writableLength > 0) this.cut('an answer was not taken');
      else if (this.frames.buffered > 0 && !this.working) this.cut('a message was not finished');
    });
    // A client that disconnects is not worth a log line.
    socket.on('error', () => socket.destroy());
  }

  /** Closes the connection at once, and logs the reason. */
  private cut(reason: string): void {
    if (this.socket.destroyed) return;
    this.log(`A connection was closed: ${reason}.`);
    this.closing = true;
    this.socket.destroy();
  }

  /** Answers the requests that have arrived, then closes. */
  async close(): Promise<void> {
    this.closing = true;
    this.socket.pause();
    this.stallTimeoutMs = CLOSING_MS;
    this.watchForStall();
    await this.working;
    if (!this.socket.destroyed) await new Promise<void>((resolve) => this.socket.end(resolve));
    this.socket.destroy();
  }

  private receive(chunk: Buffer): void {
    if (this.closing) return;
    try {
      for (const message of this.frames.push(chunk)) this.waiting.push(parseMessage(message));
    } catch (error) {
      this.cut(error instanceof Error ? error.message : String(error));
      return;
    }
    this.watchForStall();
    if (this.waiting.length === 0) return;
    // Nothing more is read until these are answered.
    this.socket.pause();
    this.working ??= this.work();
  }

  private async work(): Promise<void> {
    for (let request = this.waiting.shift(); request; request = this.waiting.shift()) {
      // The client is gone.
      if (this.socket.destroyed && !request.silent) continue;
      const reply = await this.answer(request);
      if (!request.silent && !this.socket.destroyed) {
        this.socket.cork();
        this.socket.write(replyHead(request, reply));
        this.socket.write(reply);
        this.socket.uncork();
      }
      // Nearly always the kernel has taken it by now.
      if (this.socket.writableLength > 0) await this.taken();
    }
    this.working = undefined;
    if (!this.closing) this.socket.resume();
  }

  /** Resolves when the client has read its reply, or is gone. */
  private async taken(): Promise<void> {
    this.watchForStall();
    // The callback of a write is called when everything before it is written.
    await new Promise<void>((resolve) =>
      this.socket.write('', () => {
        resolve();
      }),
    );
    this.watchForStall();
  }

  /** The timer runs only while bytes are held, since each read and write has to reset it. */
  private watchForStall(): void {
    const { socket } = this;
    const holdsBytes = this.frames.buffered + socket.writableLength > 0;
    if (holdsBytes || socket.timeout) socket.setTimeout(holdsBytes ? this.stallTimeoutMs : 0);
  }
}
