import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import mongoose from 'mongoose';

const { MongoClient } = mongoose.mongo;

/** The parts of `[user[:password]@]hosts[/database][?options]` behind the scheme. */
const URI =
  /^(?<scheme>mongodb(?:\+srv)?):\/\/(?:(?<credentials>[^@]*)@)?(?<hosts>[^/?@]*)(?:\/(?<database>[^?@]*))?(?:\?(?<options>[^@]*))?$/;
const MAX_DATABASE_BYTES = 63;
/** Options whose values are secret. */
const SECRETS = /(password=|AWS_SESSION_TOKEN(?::|%3A))[^&,]*/gi;

/**
 * Finds errors in a MongoDB URI that no server and no waiting can fix.
 *
 * The driver checks the options. It gets the URI without user and password, so its messages can't show them. Our own
 * messages show neither of them, nor anything that could be a part of them if an `@` or a `/` was not encoded.
 *
 * @returns undefined, or the rest of a sentence that begins with `MONGODB_URI`.
 */
export function faultOfUri(uri: string): string | undefined {
  if (!/^mongodb(\+srv)?:\/\/./.test(uri)) return 'must begin with mongodb:// or mongodb+srv://';
  const { scheme = '', credentials, hosts = '', database, options = '' } = URI.exec(uri)?.groups ?? {};
  if (!scheme) return 'must have no @ except the one before the host; write any other as %40';
  return (
    (credentials === undefined ? undefined : faultOfCredentials(credentials)) ??
    faultOfHosts(hosts) ??
    faultOfDatabase(database ?? '') ??
    faultOfOptions(`${scheme}://${credentials ? 'user:password@' : ''}${hosts}/`, options)
  );
}

function faultOfCredentials(credentials: string): string | undefined {
  const parts = credentials.split(':');
  const isWritten =
    parts.length <= 2 && parts.every((part) => /^[^/?#[\]\s%]*$/.test(part.replace(/%[\da-f]{2}/gi, '')));
  if (!isWritten || !parts.every(canBeDecoded)) {
    return 'must have a user and a password whose special characters are percent-encoded: @ as %40, : as %3A, / as %2F, % as %25';
  }
  return parts[0] === '' ? 'must name a user before the @' : undefined;
}

function faultOfHosts(hosts: string): string | undefined {
  const isHost = (host: string) =>
    /%2F/i.test(host) || /^(\[[\da-f:.]+\]|[^\s:[\]%]+)(:0*[1-9]\d{0,4})?$/i.test(host);
  const isPort = (host: string) => Number(/:(\d+)$/.exec(host)?.[1] ?? 1) <= 65_535;
  return hosts.split(',').every((host) => isHost(host) && isPort(host))
    ? undefined
    : 'must name its hosts as name or name:port, separated by commas';
}

function faultOfDatabase(encoded: string): string | undefined {
  const isName =
    canBeDecoded(encoded) &&
    !/[/\\. "$*<>:|?\0]/.test(decodeURIComponent(encoded)) &&
    Buffer.byteLength(decodeURIComponent(encoded)) <= MAX_DATABASE_BYTES;
  return isName
    ? undefined
    : `must name a database of at most ${MAX_DATABASE_BYTES} bytes without any of / \\ . " $ * < > : | ? and space`;
}

function faultOfOptions(address: string, options: string): string | undefined {
  if (/(^|&)w=0(&|$)/i.test(options)) return 'must not set w=0: acknowledged writes might not be stored';
  try {
    const driver = new MongoClient(`${address}?${options.replace(SECRETS, '$1x')}`).options;
    return driver.tls ? faultOfFiles(driver, new URLSearchParams(options)) : undefined;
  } catch (error) {
    return `can't be used: ${(error as Error).message.replace(/\.$/, '')}`;
  }
}

type TlsFiles = Pick<mongoose.mongo.MongoOptions, 'tlsCAFile' | 'tlsCRLFile' | 'tlsCertificateKeyFile'>;

/** Checks the files for TLS by reading and parsing them as the driver will. */
function faultOfFiles(files: TlsFiles, options: URLSearchParams): string | undefined {
  const named = {
    tlsCAFile: (ca: Buffer) => ({ ca }),
    tlsCRLFile: (crl: Buffer) => ({ crl }),
    tlsCertificateKeyFile: (pem: Buffer) => ({ cert: pem, key: pem, passphrase: passphraseIn(options) }),
  };
  for (const [option, use] of Object.entries(named)) {
    const path = files[option as keyof typeof named];
    if (path === undefined) continue;
    try {
      createSecureContext(use(readFileSync(path)));
    } catch (error) {
      return `names a ${option} that can't be used: ${(error as Error).message}`;
    }
  }
  return undefined;
}

function passphraseIn(options: URLSearchParams): string | undefined {
  return [...options].find(([name]) => name.toLowerCase() === 'tlscertificatekeyfilepassword')?.[1];
}

function canBeDecoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
