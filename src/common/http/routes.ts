import { type Application, type Request } from 'express';
import { match } from 'path-to-regexp';

/** Whether a request is about sessions and their events, whether or not a route takes it. Express ignores case. */
export function isAboutSessions({ path }: Request): boolean {
  return /^\/sessions/i.test(path);
}

/**
 * The pattern of the route that a request matches (`/sessions/:sessionId`), whatever its method, or `unmatched`.
 *
 * For requests that were answered before routing (a body that is too large, say), the route is looked up by path, which
 * costs other requests nothing.
 */
export function routePattern(request: Request): string {
  const { route } = request as { route?: { path?: unknown } };
  if (typeof route?.path === 'string') return route.path;
  return routesAt(request.app, request.path)[0]?.path ?? 'unmatched';
}

/**
 * The methods that exist on a path, to tell "no such path" (404) from "not with this method" (405). Called only if no
 * route matched the request, so it costs other requests nothing.
 */
export function allowedMethods(app: Application, path: string): string[] {
  const methods = new Set(routesAt(app, path).flatMap((route) => route.methods));
  if (methods.has('GET')) methods.add('HEAD'); // Express answers it as a GET without a body
  return [...methods].sort();
}

/** The routes on a path, of any method. */
function routesAt(app: Application, path: string) {
  return app.router.stack.flatMap(({ route }) => {
    // Invalid percent-encoding has been refused before.
    if (!route || typeof route.path !== 'string' || !match(route.path, { decode: false })(path)) return [];
    return [{ path: route.path, methods: route.stack.map(({ method }) => method.toUpperCase()) }];
  });
}
