import { describe, expect, it } from '@jest/globals';
import { DocumentedAnswers } from './answer.js';

const COMMANDS = [`curl -i /events -d '{ "timestamp": "2026-03-01T14:00:00+02:00" }'`];
const SHOWN = `HTTP/1.1 200 OK
Idempotent-Replayed: true

{ "timestamp": "2026-03-01T12:00:00.000Z", "endedAt": "2026-11-22T16:50:43.298Z", "finalSequence": 3,
  "requestId": "40089e7a-9f5d-45a4-9082-2906e4ac923a" }`;
const CAME = [
  'HTTP/1.1 200 OK',
  'X-Request-Id: 0d6f2b1e-6a0e-4a3e-9c41-5f3a2b1c4d5e',
  'Idempotent-Replayed: true',
  '',
  '{"timestamp":"2026-03-01T12:00:00.000Z","endedAt":"2027-01-01T00:00:00.000Z","finalSequence":3,' +
    '"requestId":"0d6f2b1e-6a0e-4a3e-9c41-5f3a2b1c4d5e"}',
].join('\r\n');

/** Whether these answers, in this order, match the one that the page shows. */
function isTaken(...came: string[]): boolean {
  const answers = new DocumentedAnswers(COMMANDS);
  return came.every((output) => {
    const { documented, answered } = answers.compare({ language: 'http', text: SHOWN, line: 1 }, output);
    return documented.join('\n') === answered.join('\n');
  });
}

describe('an answer', () => {
  it('may differ in values that the service generates, in layout, and in headers that are not shown', () => {
    expect(isTaken(CAME)).toBe(true);
    expect(isTaken(CAME, CAME)).toBe(true);
  });

  it.each([
    ['its status', '200 OK', '201 Created'],
    ['a header that is shown', 'Idempotent-Replayed: true\r\n', ''],
    ['a header that would be shown', '\r\n\r\n', '\r\nIdempotent-Mismatch: true\r\n\r\n'],
    ['a value', '"finalSequence":3', '"finalSequence":4'],
    ['the type of a value', '"finalSequence":3', '"finalSequence":"3"'],
    ['a key that is there', '"finalSequence":3,', ''],
    ['a key that is not', '"finalSequence":3,', '"finalSequence":3,"late":false,'],
    ['a time of the client', '2026-03-01T12', '2026-03-01T14'],
    ['a time that is none', '"2027-01-01T00:00:00.000Z"', 'null'],
    ['the form of a time', '2027-01-01T00:00:00.000Z', '2027-01-01T00:00:00Z'],
    ['an id where a time was', '2027-01-01T00:00:00.000Z', '0d6f2b1e-6a0e-4a3e-9c41-5f3a2b1c4d5e'],
  ])('may not differ in %s', (_what, from, to) => {
    expect(CAME).toContain(from);
    expect(isTaken(CAME.replace(from, to))).toBe(false);
  });

  it('may not differ from an earlier one in values that are the same on the page', () => {
    expect(isTaken(CAME, CAME.replace('2027-01-01', '2027-01-02'))).toBe(false);
  });

  it.each([
    ['is taken for all that it is a part of', '{ "statusCode": 410, "code": "GONE", … }', true],
    ['may not differ in what it shows', '{ "code": "LOST", … }', false],
    ['may not show what did not come', '{ "code": "GONE", "details": [], … }', false],
  ])('of which the page shows a part: %s', (_what, text, taken) => {
    const came = 'HTTP/1.1 410 Gone\r\n\r\n{"statusCode":410,"code":"GONE","message":"It was here"}';
    const fence = { language: 'http', text: `HTTP/1.1 410 Gone\n\n${text}`, line: 1 };
    const { documented, answered } = new DocumentedAnswers(COMMANDS).compare(fence, came);

    expect(documented.join('\n') === answered.join('\n')).toBe(taken);
  });
});
