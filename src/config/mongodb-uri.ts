import mongoose from 'mongoose';

/** The scheme, `user:password`, hosts, and the rest. */
const URI = /^(mongodb(?:\+srv)?:\/\/)(?:([^@]*)@)?([^/?@]*)([^@]*)$/;
const HOST = /^(\[[\da-f:.]+\]|[^\s:[\]%]+|[^\s:]*%2F[^\s:]*)(:\d{1,5})?$/i;
/** Options whose values are secret. */
const SECRETS = /(password=|AWS_SESSION_TOKEN(?::|%3A))[^&,]*/gi;

/**
 * Finds errors in a MongoDB URI that no server and no waiting can fix.
 *
 * The driver checks it, without user and password, so its messages can't show them. What it can't check without them is
 * checked here, by messages that show no part of the URI, which may be part of a password that is not encoded.
 *
 * @returns undefined, or the rest of a sentence that begins with `MONGODB_URI`.
 */
export function faultOfUri(uri: string): string | undefined {
  if (!/^mongodb(\+srv)?:\/\/./.test(uri)) return 'must begin with mongodb:// or mongodb+srv://';
  const [all, scheme = '', credentials, hosts = '', rest = ''] = URI.exec(uri) ?? [];
  if (all === undefined) return 'must have no @ except the one before the host; write any other as %40';
  if (credentials !== undefined && !areCredentials(credentials)) {
    return 'must have a user and a password whose special characters are percent-encoded: @ as %40, : as %3A, / as %2F, % as %25';
  }
  if (!hosts.split(',').every((host) => HOST.test(host))) {
    return 'must name its hosts as name or name:port, separated by commas';
  }
  if (/[?&]w=0(&|$)/i.test(rest)) return 'must not set w=0: acknowledged writes might not be stored';
  try {
    const user = credentials === undefined ? '' : 'user:password@';
    new mongoose.mongo.MongoClient(scheme + user + hosts + rest.replace(SECRETS, '$1x')).db();
    return undefined;
  } catch (error) {
    return `can't be used: ${(error as Error).message.replace(/\.$/, '')}`;
  }
}

function areCredentials(text: string): boolean {
  try {
    decodeURIComponent(text);
    return /^[^:/?#[\]\s]+(:[^:/?#[\]\s]*)?$/.test(text);
  } catch {
    return false;
  }
}
