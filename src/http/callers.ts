import { type Request } from 'express';
import { DomainError } from './domain-error.js';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

const LOOPBACK_NAME = /^(localhost|[^:]+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/i;

/** Whom the service answers, as it is set up. */
export interface Callers {
  /** The address it listens on. */
  readonly host: string;
  /** Names under which it is reached besides those of the loopback interface. */
  readonly allowedHosts: readonly string[];
  /** Origins of pages that may write. */
  readonly corsOrigins: readonly string[];
}

/**
 * Makes the address a request is sent to the one it names in its `Host`, and refuses one that names none or several: of
 * two, a proxy may have looked at the other. A target in absolute form (RFC 9112 3.2.2) is the address and the path.
 *
 * @throws DomainError
 */
export function settleHost(request: Request): void {
  const absolute = /^https?:\/\/([^/?#]*)(.*)$/i.exec(request.url);
  if (absolute) {
    request.headers.host = absolute[1];
    request.url = absolute[2]?.startsWith('/') ? absolute[2] : `/${absolute[2] ?? ''}`;
  }
  if (request.headers.host === undefined && request.httpVersion === '1.1') {
    throw new DomainError('BAD_REQUEST', 'The Host header is missing'); // RFC 9112 3.2; Express would answer
  }
  const { rawHeaders } = request;
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.length === 4 && rawHeaders[index]?.toLowerCase() === 'host') hosts++;
  }
  if (hosts > 1) throw new DomainError('BAD_REQUEST', 'There is more than one Host header');
}

/**
 * Refuses what a web page could make its visitor's browser send: the service asks nobody who they are, so whoever can
 * reach it may do everything, and a browser can reach what its user can. A browser says where a request comes from in
 * `Origin` and `Sec-Fetch-Site`, which no page can change. Clients that are no browsers send neither.
 *
 * - A write is refused where it comes from a page that is neither the service's own nor of `corsOrigins`.
 * - While it listens on the loopback interface, so is everything that names another host: after its own name was made to
 *   lead to 127.0.0.1, a page elsewhere would count as the service's own (DNS rebinding).
 *
 * @throws DomainError CROSS_ORIGIN_REFUSED or HOST_REFUSED
 */
export function refuseForeignPages({ host, allowedHosts, corsOrigins }: Callers): (request: Request) => void {
  const onLoopback = LOOPBACK_NAME.test(host) || host === '::1';
  const origins = new Set(corsOrigins);
  const hosts = new Set(allowedHosts.map((name) => name.toLowerCase()));

  return ({ method, headers }) => {
    if (onLoopback && headers.host !== undefined) {
      const name = headers.host.replace(/:\d*$/, '').toLowerCase();
      if (!LOOPBACK_NAME.test(name) && !hosts.has(name)) {
        throw new DomainError(
          'HOST_REFUSED',
          `The service is not called "${name}"; set ALLOWED_HOSTS where it is`,
        );
      }
    }
    if (SAFE_METHODS.has(method)) return;
    const { origin, 'sec-fetch-site': site } = headers;
    if (origin !== undefined && origins.has(origin)) return;
    if (site !== 'cross-site' && (origin === undefined || isOwn(origin, headers.host))) return;
    throw new DomainError(
      'CROSS_ORIGIN_REFUSED',
      `A page of ${origin ?? 'another site'} may not write here; set CORS_ORIGINS where it may`,
    );
  };
}

/** Whether a page comes from the address that the request goes to. Not by its scheme: a proxy may have ended its TLS. */
function isOwn(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}
