import { type IncomingMessage, type Server } from 'node:http';
import { type Request } from 'express';
import { type AppConfig } from '../../config/load-config.js';
import { DomainError } from '../errors/domain-error.js';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

const LOOPBACK_NAME = /^(localhost|[^:]+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** The most characters of a name that an error repeats. */
const MAX_NAME = 100;

/**
 * Makes all rules see the same address: if a request's target is in absolute form, its host replaces the `Host` header
 * (RFC 9112 3.2.2). This happens before Express, which answers targets that it can't parse itself.
 */
export function settleAddresses(server: Server): void {
  server.prependListener('request', (request: IncomingMessage) => {
    const [, host, target = ''] = /^[a-z][a-z\d+.-]*:\/\/([^/?#]*)(.*)$/i.exec(request.url ?? '') ?? [];
    if (host === undefined) return;
    request.headers.host = host;
    request.url = target.startsWith('/') ? target : `/${target}`;
  });
}

/**
 * Refuses a request without a `Host`, or with two: a proxy may have checked the other one.
 *
 * @throws DomainError
 */
export function refuseUnclearHost({ rawHeaders, httpVersion }: Request): void {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.length === 4 && rawHeaders[index]?.toLowerCase() === 'host') hosts++;
  }
  // Only HTTP/1.0 allows it to be missing (RFC 9112 3.2). Express would accept it in any version.
  if (hosts === 0 && httpVersion === '1.1') {
    throw new DomainError('BAD_REQUEST', 'The Host header is missing');
  }
  if (hosts > 1) throw new DomainError('BAD_REQUEST', 'There is more than one Host header');
}

/**
 * Refuses requests that a web page could make its visitor's browser send. The service has no authentication, so whoever
 * reaches it can do everything, and a browser reaches what its user can. Browsers state where a request comes from in
 * `Origin` and `Sec-Fetch-Site`, which pages can't change. Other clients send neither.
 *
 * - A write is refused if it comes from a page that is neither the service's own nor from one of `corsOrigins`.
 * - While the service listens on the loopback interface, every request that names another host is refused: a page
 * elsewhere whose name was made to resolve to 127.0.0.1 would count as the service's own (DNS rebinding). On other
 * addresses this applies if `allowedHosts` names the service's hosts.
 *
 * @throws DomainError CROSS_ORIGIN_REFUSED or HOST_REFUSED
 */
export function refuseForeignPages({
  host: address,
  allowedHosts,
  corsOrigins,
}: Pick<AppConfig, 'host' | 'allowedHosts' | 'corsOrigins'>): (request: Request) => void {
  const isNamed = LOOPBACK_NAME.test(address) || address === '::1' || allowedHosts.length > 0;
  const isOwnName = (name: string) => LOOPBACK_NAME.test(name) || allowedHosts.includes(name);

  return ({ method, headers: { host, origin, 'sec-fetch-site': site } }) => {
    if (isNamed && host !== undefined && !isOwnName(nameIn(host))) {
      const name = nameIn(host).slice(0, MAX_NAME);
      throw new DomainError(
        'HOST_REFUSED',
        `The service is not called "${name}"; ALLOWED_HOSTS says what else`,
      );
    }
    if (SAFE_METHODS.has(method) || (origin !== undefined && corsOrigins.includes(origin))) return;
    if (site !== 'cross-site' && (origin === undefined || isOwnOrigin(origin, host))) return;
    const from = origin === undefined ? 'another site' : origin.slice(0, MAX_NAME);
    throw new DomainError(
      'CROSS_ORIGIN_REFUSED',
      `A page of ${from} may not write here; CORS_ORIGINS says whose may`,
    );
  };
}

/** A `Host` without its port. */
function nameIn(host: string): string {
  return host.replace(/:\d*$/, '').toLowerCase();
}

/**
 * Whether a page comes from the address that the request goes to. The scheme is ignored, since a proxy may have ended
 * TLS.
 */
function isOwnOrigin(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}
