// The tour's HTTP client, based on Node's fetch. It also prints requests and answers.

import { STATUS_CODES } from 'node:http';
import { bold, dim, line, room, statusColour } from './terminal.mjs';

/** The headers worth showing: those that describe the result of a request. */
const SHOWN_HEADERS = [
  'Location',
  'Idempotent-Replayed',
  'Idempotent-Mismatch',
  'Preference-Applied',
  'Allow',
  'Retry-After',
];

/** Sends requests to one service, and counts them. */
export class Client {
  sent = 0;

  constructor(origin) {
    this.origin = origin;
  }

  get(path) {
    return this.send('GET', path);
  }

  /** @param body a value to send as JSON, or text to send unchanged. */
  post(path, body, headers = {}) {
    return this.send('POST', path, body, headers);
  }

  /** Sends a request and reads its answer: `{ method, path, status, headers, body }`. */
  async send(method, path, body, headers = {}) {
    this.sent++;
    const response = await fetch(this.origin + path, {
      method,
      headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(15_000),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    const { status } = response;
    return { method, path, status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  /** The same, and prints both. */
  async show(method, path, body, headers) {
    this.showRequest(method, path, body, headers);
    const answer = await this.send(method, path, body, headers);
    this.showAnswer(answer);
    return answer;
  }

  /** Opens a streamed answer. */
  async stream(path) {
    this.sent++;
    return (await fetch(this.origin + path)).body;
  }

  /** Prints a request as an equivalent curl command: complete, ready to paste, for curl 7.68 or newer. */
  showRequest(method, path, body, headers = {}, option = '-i') {
    const all = { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers };
    const isImplied = method === (body === undefined ? 'GET' : 'POST');
    const command = [`curl ${option}`, !isImplied && `-X ${method}`, quoted(this.origin + path)];
    const options = [
      ...Object.entries(all).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
      body !== undefined && `-d ${quoted(typeof body === 'string' ? body : JSON.stringify(body))}`,
    ];
    const rows = [''];
    for (const part of [...command, ...options].filter(Boolean)) {
      const row = rows.at(-1);
      if (row !== '' && row.length + part.length > room(6)) rows.push(part);
      else rows[rows.length - 1] = row === '' ? part : `${row} ${part}`;
    }
    for (const [index, row] of rows.entries()) {
      line(`${dim(index === 0 ? '$' : ' ')} ${bold(row + (index < rows.length - 1 ? ' \\' : ''))}`);
    }
  }

  /** Prints the status line of an answer, and the headers worth showing. */
  showAnswer({ status, headers }) {
    const shown = SHOWN_HEADERS.filter((name) => headers.has(name)).map(
      (name) => `${name}: ${headers.get(name)}`,
    );
    const text = `${status} ${STATUS_CODES[status]}`;
    line(`  ${statusColour(status)(text)}${shown.length > 0 ? dim(`   ${shown.join('   ')}`) : ''}`);
  }
}

/** Quotes text as one word of a shell. */
function quoted(text) {
  return /^[\w:/.-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
