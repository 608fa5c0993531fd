import { readHttp, type HttpText } from './http-text.js';
import { type Fence } from './markdown.js';

/** Headers that the docs must show if an answer has them. Other headers count only if the docs show them. */
const TELLING_HEADER = /^(location|idempotent-.+|preference-applied|allow|retry-after)$/i;

const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
const UUID = String.raw`\b[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}\b`;
const CURSOR = String.raw`(?<="nextCursor": ?")[\w-]{20,}`;

/**
 * Compares answers with those that a page shows. Everything must be equal except the values that the service generates:
 * times, request ids, cursors. These must have the same form, and if the page shows one twice (the `endedAt` of an end
 * and of its replay), the answers must repeat it too.
 */
export class DocumentedAnswers {
  private readonly madeUp: RegExp;
  private readonly known = new Map<string, string>();
  private readonly clientsTimes: ReadonlySet<number>;

  /**
   * @param commands all commands of the page: times in them are the clients', and must come back unchanged.
   * @param differing matches other text that differs between runs, such as a count of what was done before a kill.
   */
  constructor(commands: readonly string[], differing: RegExp = /(?!)/) {
    const times = commands.join('\n').matchAll(/\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)/g);
    this.clientsTimes = new Set([...times].map(([time]) => Date.parse(time)).filter(Number.isFinite));
    this.madeUp = new RegExp([TIME, UUID, CURSOR, differing.source].join('|'), 'g');
  }

  /** The answer that the page shows and the real one, in a form in which they are equal if they match. */
  compare(fence: Fence, output: string): { documented: string[]; answered: string[] } {
    const [documented, answered] = parts(fence, output);
    return { documented: this.withMadeUp(documented, answered).split('\n'), answered: answered.split('\n') };
  }

  /** The documented answer, with the values generated this time in place of those on the page. */
  private withMadeUp(documented: string, answered: string): string {
    const values = (answered.match(this.madeUp) ?? []).filter((value) => !this.isClients(value));
    let next = 0;
    return documented.replace(this.madeUp, (shown) => {
      if (this.isClients(shown)) return shown;
      const value = values[next++];
      if (value === undefined || formOf(value) !== formOf(shown)) return shown;
      if (formOf(shown) === 'count') return value;
      if (!this.known.has(shown)) this.known.set(shown, value);
      return this.known.get(shown) ?? value;
    });
  }

  private isClients(value: string): boolean {
    return this.clientsTimes.has(Date.parse(value));
  }
}

function formOf(value: string): 'time' | 'count' | 'id' | 'cursor' {
  if (value.includes(':')) return 'time';
  if (/^\d+$/.test(value)) return 'count';
  return /^[\da-f-]{36}$/.test(value) ? 'id' : 'cursor';
}

/** Both answers as text in one layout, with only the headers that count. */
function parts(fence: Fence, output: string): [string, string] {
  const answered = output.replaceAll('\r', '');
  if (fence.language !== 'http') return [layOut(fence.text), layOut(answered)];
  const [shown, came] = [readHttp(fence.text), readHttp(answered)];
  const names = new Set([
    ...shown.headers.keys(),
    ...[...came.headers.keys()].filter((name) => TELLING_HEADER.test(name)),
  ]);
  const write = ({ statusLine, headers }: HttpText, body: string) =>
    [statusLine, ...[...names].map((name) => `${name}: ${headers.get(name) ?? '(none)'}`), '', body].join(
      '\n',
    );
  const [shownBody, cameBody] = bodies(shown.body, came.body);
  return [write(shown, shownBody), write(came, cameBody)];
}

/** The placeholder for the rest of an object that the page does not show. */
const REST = /,?\s*…\s*\}$/;

/** Both bodies in one layout; if the page shows part of an object, only that part of the real one. */
function bodies(shown: string, came: string): [string, string] {
  if (!REST.test(shown.trim())) return [layOut(shown), layOut(came)];
  const part = JSON.parse(shown.trim().replace(REST, '}')) as object;
  const whole = JSON.parse(came) as object;
  const same = Object.entries(whole).filter(([key]) => key in part);
  return [part, Object.fromEntries(same)].map((body) => JSON.stringify(body, undefined, 2)) as [
    string,
    string,
  ];
}

/**
 * Indented JSON, since the docs and the service break lines differently; in other text, only the width of spaces is
 * normalised.
 */
function layOut(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text
      .split('\n')
      .map((line) => line.trim().replace(/ +/g, ' '))
      .join('\n')
      .trim();
  }
}
