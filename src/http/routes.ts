import { type Application, type Request } from 'express';
import { match } from 'path-to-regexp';

interface Route {
  readonly path: string;
  readonly methods: readonly string[];
}

/**
 * The pattern of the route that a request belongs to (`/sessions/:sessionId`), whichever its method, or `unmatched`.
 *
 * What was answered before it came to a route (a body that is too large, say) is looked up by its path; the others
 * pay nothing for it.
 */
export function routePattern(request: Request): string {
  const { route } = request as { route?: { path?: unknown } };
  if (typeof route?.path === 'string') return route.path;
  return routesAt(request.app, request.path)[0]?.path ?? 'unmatched';
}

/**
 * The methods that some route answers on a path, for telling "no such path" (404) from "not with this method" (405).
 * Asked only when no route took a request, so it costs the others nothing.
 */
export function allowedMethods(app: Application, path: string): string[] {
  const methods = new Set(routesAt(app, path).flatMap((route) => route.methods));
  if (methods.has('GET')) methods.add('HEAD'); // Express answers it as a GET without a body
  return [...methods].sort();
}

/** The routes that answer some method on a path. */
function routesAt(app: Application, path: string): Route[] {
  return app.router.stack.flatMap(({ route }) => {
    if (!route || typeof route.path !== 'string' || !matches(route.path, path)) return [];
    return [{ path: route.path, methods: route.stack.map(({ method }) => method.toUpperCase()) }];
  });
}

function matches(pattern: string, path: string): boolean {
  // No decoding: what a broken escape means has been answered before.
  return match(pattern, { decode: false })(path) !== false;
}
