import { type Fence } from './markdown.js';

/** Headers that the docs must show if an answer has them. Other headers count only if the docs show them. */
const TELLING_HEADER = /^(location|idempotent-.+|preference-applied|allow|retry-after)$/i;

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;

/** What the service makes up, besides times, and how far an experiment got. */
const MADE_UP: readonly [RegExp, string][] = [
  [/\b[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}\b/g, '(id)'],
  [/(?<="nextCursor": ?")[\w-]{20,}/g, '(cursor)'],
  [/(?<=acknowledged: )\d+|(?<=there: )\d+/g, '(count)'],
];

/** The placeholder for the rest of an object that the page does not show. */
const REST = /,?\s*…\s*\}$/;

/**
 * The answer that a page shows and the one that came, in a form in which they are equal if they match: in one layout,
 * with only the headers that count, and what the service made up replaced by its kind.
 *
 * @param commands of the page: times in them are the clients', and must come back unchanged.
 */
export function comparable(fence: Fence, output: string, commands: string): [string, string] {
  const sent = new Set(
    [...commands.matchAll(/\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)/g)].map(([time]) => Date.parse(time)),
  );
  const masked = (text: string) =>
    MADE_UP.reduce(
      (result, [pattern, kind]) => result.replace(pattern, kind),
      text.replace(TIME, (time) => (sent.has(Date.parse(time)) ? time : '(time)')),
    );
  const [shown, came] =
    fence.language === 'http' ? ofHttp(fence.text, output) : [fence.text, output].map(layOut);
  return [masked(shown ?? ''), masked(came ?? '')];
}

function ofHttp(shownText: string, cameText: string): [string, string] {
  const [shown, came] = [readHttp(shownText), readHttp(cameText)];
  const telling = [...came.headers.keys()].filter((name) => TELLING_HEADER.test(name));
  const names = [...new Set([...shown.headers.keys(), ...telling])];
  const write = ({ statusLine, headers }: HttpText, body: string) =>
    [statusLine, ...names.map((name) => `${name}: ${headers.get(name) ?? '(none)'}`), '', layOut(body)].join(
      '\n',
    );
  if (!REST.test(shown.body.trim())) return [write(shown, shown.body), write(came, came.body)];
  const part = JSON.parse(shown.body.trim().replace(REST, '}')) as object;
  const same = Object.entries(JSON.parse(came.body) as object).filter(([key]) => key in part);
  return [write(shown, JSON.stringify(part)), write(came, JSON.stringify(Object.fromEntries(same)))];
}

type HttpText = ReturnType<typeof readHttp>;

/** Parses one answer as `curl -i` writes it. */
function readHttp(text: string) {
  const [head = '', ...body] = text.replaceAll('\r', '').split('\n\n');
  const [statusLine = '', ...lines] = head.split('\n');
  const headers = lines.map((line): [string, string] => {
    const [name = '', ...value] = line.split(': ');
    return [name.toLowerCase(), value.join(': ')];
  });
  return { statusLine: statusLine.trim(), headers: new Map(headers), body: body.join('\n\n') };
}

/** Indented JSON, since the docs and the service break lines differently; of other text, the width of spaces is normalised. */
function layOut(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    const lines = text.replaceAll('\r', '').split('\n');
    return lines
      .map((line) => line.trim().replace(/ +/g, ' '))
      .join('\n')
      .trim();
  }
}
