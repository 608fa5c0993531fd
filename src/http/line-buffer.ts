import { type Writable } from 'node:stream';

/** Writes the lines of one turn of the event loop together: to a pipe or a file, each write is a call of the system. */
export class LineBuffer {
  private lines = '';
  private readonly flush = () => {
    const { lines } = this;
    this.lines = '';
    if (lines !== '') this.stream.write(lines);
  };

  constructor(private readonly stream: Writable) {
    process.once('exit', this.flush);
  }

  write(line: string): void {
    if (this.lines === '') setImmediate(this.flush);
    this.lines += `${line}\n`;
  }
}
