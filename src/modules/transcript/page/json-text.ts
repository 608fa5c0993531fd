import { type JsonObject } from '../../../common/http/json.js';
import { excerptOf } from './excerpt.js';

/** The most characters on one line. */
const LINE = 72;

/** JSON for people, or the beginning of it. */
export interface JsonText {
  readonly text: string;
  /** Whether it is complete. */
  readonly whole: boolean;
  /** The number of values left out, not counting those inside them. 0 if only the end of a long string is left out. */
  readonly leftOut: number;
}

/**
 * Formats JSON for people: values that fit stay on one line, others are broken up and indented. It takes a single pass
 * that ends when `maxBytes` of markup are written, so the cost depends on the output, however large the value is. Only
 * the keys of a partly shown object are listed completely, once.
 *
 * @param keys those of the outermost object to show, if not all.
 */
export function jsonText(value: unknown, maxBytes = Infinity, keys?: readonly string[]): JsonText {
  const writer = new JsonWriter(maxBytes);
  if (keys) writer.writeObject(value as JsonObject, '', keys);
  else writer.write(value, '');
  return writer.result();
}

class JsonWriter {
  private text = '';
  private full = false;
  private leftOut = 0;
  private readonly keys = new Map<object, readonly string[]>();

  constructor(private left: number) {}

  result(): JsonText {
    return { text: this.text, whole: !this.full, leftOut: this.leftOut };
  }

  write(value: unknown, indent: string): void {
    if (typeof value === 'string') this.writeString(value);
    else if (typeof value !== 'object' || value === null) this.put(JSON.stringify(value));
    else if (Array.isArray(value)) this.writeArray(value, indent);
    else this.writeObject(value as JsonObject, indent, this.keysOf(value));
  }

  writeObject(object: JsonObject, indent: string, keys: readonly string[]): void {
    const line = this.lineOfObject(object, LINE - indent.length, keys);
    if (line !== undefined) {
      this.put(line);
      return;
    }
    this.writeItems('{}', indent, keys, (key, inner) => {
      this.writeString(key);
      this.put(': ');
      this.write(object[key], inner);
    });
  }

  private writeArray(array: readonly unknown[], indent: string): void {
    const line = this.lineOfArray(array, LINE - indent.length);
    if (line !== undefined) {
      this.put(line);
      return;
    }
    this.writeItems('[]', indent, array, (item, inner) => {
      this.write(item, inner);
    });
  }

  private writeItems<Item>(
    [open = '', close = '']: string,
    indent: string,
    items: readonly Item[],
    writeItem: (item: Item, indent: string) => void,
  ): void {
    const inner = `${indent}  `;
    this.put(open);
    for (const [index, item] of items.entries()) {
      this.put(index > 0 ? `,\n${inner}` : `\n${inner}`);
      if (this.full) {
        this.leftOut += items.length - index;
        return;
      }
      writeItem(item, inner);
    }
    this.put(`\n${indent}${close}`);
  }

  private writeString(text: string): void {
    const begun = text.slice(0, this.left);
    const quoted = JSON.stringify(begun);
    this.put(begun.length < text.length ? quoted.slice(0, -1) : quoted);
    if (begun.length < text.length) this.full = true;
  }

  private put(text: string): void {
    if (this.full) return;
    const { text: begun, bytes, leftOut } = excerptOf(text, this.left);
    this.text += begun;
    this.left -= bytes;
    this.full = leftOut > 0;
  }

  /** A value on one line; undefined as soon as it turns out not to fit. */
  private lineOf(value: unknown, room: number): string | undefined {
    if (typeof value === 'string' && value.length > room) return undefined;
    if (typeof value !== 'object' || value === null) return fitting(JSON.stringify(value), room);
    return Array.isArray(value)
      ? this.lineOfArray(value, room)
      : this.lineOfObject(value as JsonObject, room, this.keysOf(value));
  }

  private lineOfArray(array: readonly unknown[], room: number): string | undefined {
    let line = '';
    for (const item of array) {
      const text = this.lineOf(item, room - line.length);
      if (text === undefined) return undefined;
      line += line === '' ? text : `, ${text}`;
    }
    return fitting(`[${line}]`, room);
  }

  private lineOfObject(object: JsonObject, room: number, keys: readonly string[]): string | undefined {
    if (keys.length * '"": 0'.length > room) return undefined;
    let line = '';
    for (const key of keys) {
      const text = key.length > room ? undefined : this.lineOf(object[key], room - line.length);
      if (text === undefined) return undefined;
      line += `${line === '' ? '' : ', '}${JSON.stringify(key)}: ${text}`;
    }
    return fitting(line === '' ? '{}' : `{ ${line} }`, room);
  }

  /** Listing an object's keys takes time in proportion to their number, so it is done once. */
  private keysOf(object: object): readonly string[] {
    let keys = this.keys.get(object);
    if (!keys) this.keys.set(object, (keys = Object.keys(object)));
    return keys;
  }
}

function fitting(line: string, room: number): string | undefined {
  return line.length <= room ? line : undefined;
}
