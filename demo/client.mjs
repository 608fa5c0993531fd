// The client of the tour: Node's fetch, which also shows each request as a curl command that can be pasted.
import assert from 'node:assert/strict';
import { STATUS_CODES } from 'node:http';
import { bold, dim, line, paint, WIDTH } from './terminal.mjs';

/** The headers that say what became of a request. */
const SHOWN = ['Location', 'Idempotent-Replayed', 'Idempotent-Mismatch', 'Preference-Applied'];
const RESPONSE_MS = 15_000;

export class Client {
  sent = 0;

  constructor(origin) {
    this.origin = origin;
  }

  /**
   * Sends a request.
   *
   * @param expected the status that the response must have, or a list of them.
   * @param body a value to send as JSON, or text to send unchanged.
   * @returns `{ status, headers, body }`
   * @throws AssertionError with the response's body where the status is another one.
   */
  async send(method, path, expected, body, headers) {
    this.sent++;
    const response = await fetch(this.origin + path, {
      method,
      headers: headersOf(body, headers),
      body: typeof body === 'object' ? JSON.stringify(body) : body,
      signal: AbortSignal.timeout(RESPONSE_MS),
    });
    const text = await response.text();
    const { status } = response;
    assert.ok(
      [expected].flat().includes(status),
      `${method} ${path}: ${status} instead of ${expected}: ${text}`,
    );
    return { status, headers: response.headers, body: text && JSON.parse(text) };
  }

  get(path) {
    return this.send('GET', path, 200);
  }

  post(path, body, expected = 201) {
    return this.send('POST', path, expected, body);
  }

  /** The same as `send`, and prints the request and the response. */
  async show(method, path, expected, body, headers) {
    this.showRequest(method, path, body, headers);
    const response = await this.send(method, path, expected, body, headers);
    const { status } = response;
    const shown = SHOWN.map((name) => [name, response.headers.get(name)]).filter(([, value]) => value);
    const colour = status < 300 ? 'green' : 'yellow';
    line(
      `→ ${paint(colour, `${status} ${STATUS_CODES[status]}`)}  ${dim(shown.map((each) => each.join(': ')).join('  '))}`.trimEnd(),
    );
    return response;
  }

  /** Prints a request as a curl command, whose rows break between words, or inside of JSON between members. */
  showRequest(method, path, body, headers, flag = '-i') {
    const isImplied = method === (body === undefined ? 'GET' : 'POST');
    const fields = Object.entries(headersOf(body, headers));
    const words = [
      `curl ${flag}`,
      ...(isImplied ? [] : [`-X ${method}`]),
      quoted(this.origin + path),
      ...fields.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
      ...(typeof body === 'string' ? [`-d ${quoted(body)}`] : []),
    ];
    const rows = ['$'];
    const add = (text, isInside) => {
      const longer = `${rows.at(-1)}${isInside ? '' : ' '}${text}`;
      if (longer.length <= WIDTH - 4) return rows.splice(-1, 1, longer);
      if (!isInside) rows.push(`${rows.pop()} \\`);
      return rows.push(`  ${text}`);
    };
    for (const word of words) add(word, false);
    if (typeof body === 'object') {
      const members = Object.entries(body).map((member) =>
        JSON.stringify(Object.fromEntries([member])).slice(1, -1),
      );
      const parts = `-d '{${members.map(escaped).join(',\n')}}'`.split('\n');
      for (const [index, part] of parts.entries()) add(part, index > 0);
    }
    for (const row of rows) line(bold(row));
  }
}

const headersOf = (body, headers) => ({ ...(body && { 'Content-Type': 'application/json' }), ...headers });

const escaped = (text) => text.replaceAll("'", "'\\''");

/** Quotes text as one word of a shell. */
const quoted = (text) => (/^[\w:/.-]+$/.test(text) ? text : `'${escaped(text)}'`);
