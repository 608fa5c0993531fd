import { type Server } from 'node:http';
import { isIP } from 'node:net';
import { type Request } from 'express';
import { type AppConfig } from '../../config/load-config.js';
import { DomainError } from '../errors/domain-error.js';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const LOOPBACK_ADDRESS = /^(127\.|::1$|::ffff:127\.)/;
const LOCALHOST = /^([^:]+\.)?localhost$/;

/** The most characters of a name that an error repeats. */
const MAX_NAME = 100;

/** Whether one of the patterns stands for a text. Their `*` is any part of a host name, with its dots. */
export function matcherOf(patterns: readonly string[]): (text: string) => boolean {
  const expressions = patterns.map((pattern) => {
    const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${parts.join('[^/:]+')}$`);
  });
  return (text) => expressions.some((expression) => expression.test(text));
}

/**
 * Refuses requests that a web page could make its visitor's browser send. The service has no authentication, so whoever
 * reaches it can do everything, and a browser reaches what its user can. Browsers state where a request comes from in
 * `Origin` and `Sec-Fetch-Site`, which pages can't change. Other clients send neither.
 *
 * - A write is refused if it comes from a page that is neither the service's own nor from one of `CORS_ORIGINS`.
 * - A request that names another host is refused, except for `/health/*`, while the service is bound to a loopback
 * address, or where `ALLOWED_HOSTS` names the service's hosts: a page elsewhere whose name was made to resolve to
 * 127.0.0.1 would count as the service's own (DNS rebinding). This needs a name, so an address is always fine.
 *
 * @returns what checks a request. @throws DomainError CROSS_ORIGIN_REFUSED or HOST_REFUSED
 */
export function refuseForeignPages(
  server: Server,
  { ALLOWED_HOSTS, CORS_ORIGINS }: Pick<AppConfig, 'ALLOWED_HOSTS' | 'CORS_ORIGINS'>,
): (request: Request) => void {
  const isAllowedHost = matcherOf(ALLOWED_HOSTS.map((name) => name.toLowerCase()));
  const isAllowedOrigin = matcherOf(CORS_ORIGINS);
  let checksHost = ALLOWED_HOSTS.length > 0;
  server.once('listening', () => {
    const bound = server.address();
    checksHost ||= typeof bound === 'object' && bound !== null && LOOPBACK_ADDRESS.test(bound.address);
  });
  const isOwnHost = (name: string) => isIP(name) > 0 || LOCALHOST.test(name) || isAllowedHost(name);

  return ({ method, path, headers: { host, origin, 'sec-fetch-site': site } }) => {
    if (checksHost && host !== undefined && !isOwnHost(nameIn(host)) && !/^\/health\//i.test(path)) {
      const name = nameIn(host).slice(0, MAX_NAME);
      throw new DomainError(
        'HOST_REFUSED',
        `The service is not called "${name}"; ALLOWED_HOSTS says what else`,
      );
    }
    if (SAFE_METHODS.has(method) || (origin !== undefined && isAllowedOrigin(origin))) return;
    if (site !== 'cross-site' && (origin === undefined || isOwnOrigin(origin, host))) return;
    const from = origin === undefined ? 'another site' : origin.slice(0, MAX_NAME);
    throw new DomainError(
      'CROSS_ORIGIN_REFUSED',
      `A page of ${from} may not write here; CORS_ORIGINS says whose may`,
    );
  };
}

/** A `Host` without its port, and an IPv6 address without its brackets. */
function nameIn(host: string): string {
  return host
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
}

/**
 * Whether a page comes from the address that the request goes to. The scheme is ignored, since a proxy may have ended
 * TLS.
 */
function isOwnOrigin(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}
