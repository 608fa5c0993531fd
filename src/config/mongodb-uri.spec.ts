import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { faultOfUri } from './mongodb-uri.js';

let directory: string;
let notPem: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'css-uri-'));
  notPem = join(directory, 'not.pem');
  writeFileSync(notPem, 'not a certificate');
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

describe('faultOfUri', () => {
  it.each([
    'mongodb://localhost',
    'mongodb://localhost/db?replicaSet=rs0&w=majority',
    'mongodb://user:p%40ss%2Fword@localhost/db?authSource=admin',
    'mongodb://user@localhost/?authMechanism=PLAIN',
    'mongodb://[::1]:27017/db',
    'mongodb://%2Ftmp%2Fmongodb-27017.sock/db',
    'mongodb+srv://user:password@cluster.example.mongodb.net/db?retryWrites=true',
  ])('finds no fault in %s', (uri) => {
    expect(faultOfUri(uri)).toBeUndefined();
  });

  it.each([
    ['mongodb://', 'must begin with mongodb://'],
    ['mongodb://localhost/?colour=red', 'colour'],
    ['mongodb://localhost/?connectTimeoutMS=soon', 'connectTimeoutMS'],
    ['mongodb://localhost/?w=0', 'w=0'],
    ['mongodb://localhost/?w=1&w=2', '"w" cannot appear more than once'],
    ['mongodb://localhost/?authMechanism=SCRAM-SHA-256', 'Username required'],
    ['mongodb://localhost/?appName=me@home', '%40'],
    ['mongodb://a,b/?directConnection=true', 'exactly one host'],
    ['mongodb://user:p@ss@localhost/db', '%40'],
    ['mongodb://user:p:ss@localhost/db', 'percent-encoded'],
    ['mongodb://user:p/ss@localhost/db', 'percent-encoded'],
    ['mongodb://:password@localhost/db', 'user'],
    ['mongodb://user:password@/db', 'hosts'],
    ['mongodb://a,,b/db', 'hosts'], // the driver would connect to a, and end the process when that goes away
    ['mongodb://localhost:0/db', 'hosts'],
    ['mongodb://localhost:65536/db', 'hosts'],
    ['mongodb://localhost/a.b', 'database'],
    [`mongodb://localhost/${'x'.repeat(64)}`, 'database'],
    ['mongodb+srv://cluster.example.com:27017/db', 'port'],
    ['mongodb://localhost/?tls=true&tlsCAFile=/nowhere/ca.pem', "tlsCAFile that can't be used: ENOENT"],
    ['mongodb+srv://a.example.com/?tlsCertificateKeyFile=/nowhere/me.pem', 'tlsCertificateKeyFile'],
  ])('reports the fault of %s', (uri, words) => {
    expect(faultOfUri(uri)).toContain(words);
  });

  it('reads the files for TLS', () => {
    expect(faultOfUri(`mongodb://h/?tls=true&tlsCertificateKeyFile=${notPem}`)).toContain(
      'tlsCertificateKeyFile',
    );
    expect(faultOfUri(`mongodb://h/?tls=true&tlsCAFile=${directory}`)).toContain('EISDIR');
  });

  it('never shows a password or a part of one, however it is written and whatever else is wrong', () => {
    const secret = fc.stringMatching(/^[QXZ]{3}[0-9]{3}$/);
    const separator = fc.constantFrom('', '@', ':', '/', '?', '#', '%', '%2F', '%zz', '&w=0&', '@h/?x=');
    const rest = fc.constantFrom('', '/db', ':0/db', '/?colour=red', '/?tls=true&tlsCAFile=/nowhere', '/?w');
    fc.assert(
      fc.property(
        fc.constantFrom('mongodb', 'mongodb+srv'),
        secret,
        separator,
        secret,
        rest,
        (scheme, a, mark, b, end) => {
          const fault = faultOfUri(`${scheme}://user:${a}${mark}${b}@host${end}`) ?? '';

          return !fault.includes(a) && !fault.includes(b);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('shows no password among the options', () => {
    const fault = faultOfUri(
      'mongodb://h/?proxyPassword=QXZ123&tlsCertificateKeyFilePassword=QXZ123&authMechanismProperties=AWS_SESSION_TOKEN:QXZ123,x',
    );

    expect(fault).toMatch(/./);
    expect(fault).not.toContain('QXZ123');
  });
});
