import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { faultOfUri } from './mongodb-uri.js';

describe('faultOfUri', () => {
  it.each([
    'mongodb://localhost',
    'mongodb://localhost/db?replicaSet=rs0&w=majority',
    'mongodb://a:27017,b:27018,c/db?readPreference=primaryPreferred',
    'mongodb://user:p%40ss%2Fword@localhost/db?authSource=admin',
    'mongodb://user@localhost/?authMechanism=PLAIN',
    'mongodb://[::1]:27017/db',
    'mongodb://%2Ftmp%2Fmongodb-27017.sock/db',
    'mongodb+srv://user:password@cluster.example.mongodb.net/db?retryWrites=true',
    'mongodb://localhost/datenbank-%C3%BC',
  ])('finds no fault in %s', (uri) => {
    expect(faultOfUri(uri)).toBeUndefined();
  });

  it.each([
    ['postgres://localhost', 'must begin with mongodb://'],
    ['mongodb://', 'must begin with mongodb://'],
    ['mongodb://localhost/?colour=red', 'colour'],
    ['mongodb://localhost/?w=0', 'w=0'],
    ['mongodb://localhost/?w=1&w=2', '"w" cannot appear more than once'],
    ['mongodb://localhost/?appName=me@home', '%40'],
    ['mongodb://user:p@ss@localhost/db', '%40'],
    ['mongodb://user:p:ss@localhost/db', 'percent-encoded'],
    ['mongodb://user:p/ss@localhost/db', 'percent-encoded'],
    ['mongodb://user:100%@localhost/db', 'percent-encoded'],
    ['mongodb://user:%ff@localhost/db', 'percent-encoded'],
    ['mongodb://:password@localhost/db', 'user'],
    ['mongodb://user:password@/db', 'hosts'],
    ['mongodb://a,,b/db', 'hosts'], // the driver would connect to a, and end the process when that goes away
    ['mongodb://localhost:port/db', 'hosts'],
    ['mongodb://localhost:0/db', 'port'],
    ['mongodb://localhost/a.b', 'Database names'],
    ['mongodb+srv://cluster.example.com:27017/db', 'port'],
  ])('reports the fault of %s', (uri, words) => {
    expect(faultOfUri(uri)).toContain(words);
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
