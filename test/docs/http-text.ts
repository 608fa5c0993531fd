/** An answer as `curl -i` writes it. */
export interface HttpText {
  readonly statusLine: string;
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Parses one answer, with line ends as in HTTP or as in a file. */
export function readHttp(text: string): HttpText {
  const [head = '', ...body] = text.replaceAll('\r', '').split('\n\n');
  const [statusLine = '', ...lines] = head.split('\n');
  const headers = lines.map((line): [string, string] => {
    const [name = '', ...value] = line.split(': ');
    return [name.toLowerCase(), value.join(': ')];
  });
  return { statusLine: statusLine.trim(), headers: new Map(headers), body: body.join('\n\n') };
}
