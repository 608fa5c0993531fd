/** The part of a terminal's stream that is used. */
export interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const BAR_WIDTH = 30;
const REDRAW_MS = 100;
const CLEAR_LINE = '\r\x1b[K';

/** Shows progress: on a terminal as a bar, elsewhere as one line for each tenth. */
export class Progress {
  private done = 0;
  private shownTenth = 0;
  private shownAt = 0;

  constructor(
    private readonly label: string,
    /** The number at the start; there may be more if the store is in use. */
    private readonly total: number,
    private readonly output: Output = process.stdout,
  ) {}

  add(documents: number): void {
    this.done += documents;
    if (this.output.isTTY) this.drawBar();
    else if (this.tenth() > this.shownTenth && this.tenth() < 10) this.writeLine();
  }

  /** Writes the last line, which stays. */
  end(): void {
    if (this.output.isTTY) this.output.write(CLEAR_LINE);
    this.writeLine();
  }

  private writeLine(): void {
    this.shownTenth = this.tenth();
    this.output.write(`${this.label}: ${format(this.done)} of ${format(this.most())}\n`);
  }

  private drawBar(): void {
    const now = performance.now();
    if (now - this.shownAt < REDRAW_MS) return;
    this.shownAt = now;
    const share = this.share();
    const bar = '#'.repeat(Math.round(share * BAR_WIDTH)).padEnd(BAR_WIDTH, '-');
    const percent = String(Math.floor(share * 100)).padStart(3);
    const line = `${this.label} [${bar}] ${percent} %  ${format(this.done)} of ${format(this.most())}`;
    this.output.write(`${CLEAR_LINE}${line}`);
  }

  private tenth(): number {
    return Math.floor(this.share() * 10);
  }

  private share(): number {
    return this.most() === 0 ? 1 : this.done / this.most();
  }

  private most(): number {
    return Math.max(this.total, this.done);
  }
}

export function format(count: number): string {
  return count.toLocaleString('en');
}
