import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { CommandError } from '../command-line/program.js';

/** More than any event can take, with every limit raised. A line beyond it is held to be something else. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

const NEWLINE = 10;

/** A line of a file. */
export interface Line {
  /** Where it stands, as a person would look for it. */
  readonly place: string;
  readonly bytes: Buffer;
}

/** The lines of a file that are not empty, one at a time. @throws CommandError that names the file, and the line. */
export async function* linesOf(file: string): AsyncGenerator<Line> {
  let number = 1;
  let rest: Buffer[] = [];
  let length = 0;
  const take = (): Line | undefined => {
    const bytes = Buffer.concat(rest);
    const place = `${file}, line ${number++}`;
    rest = [];
    length = 0;
    if (!isUtf8(bytes)) throw new CommandError(`${place}: is not UTF-8.`);
    return bytes.some((byte) => byte > 32) ? { place, bytes } : undefined;
  };
  for await (const chunk of chunksOf(file)) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      rest.push(chunk.subarray(start, end));
      start = end + 1;
      const line = take();
      if (line) yield line;
    }
    rest.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > MAX_LINE_BYTES) throw new CommandError(`${file}, line ${number}: is too long for an event.`);
  }
  const line = take();
  if (line) yield line;
}

async function* chunksOf(file: string): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of createReadStream(file)) yield chunk as Buffer;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw code === undefined ? error : new CommandError(`${file} can't be read: ${message}.`);
  }
}
