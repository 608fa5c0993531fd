import { type Application } from 'express';
import { match } from 'path-to-regexp';

/**
 * The methods that some route answers on a path, for telling "no such path" (404) from "not with this method" (405).
 * Asked only when no route took a request, so it costs the others nothing.
 */
export function allowedMethods(app: Application, path: string): string[] {
  const methods = new Set<string>();
  for (const { route } of app.router.stack) {
    if (!route || typeof route.path !== 'string' || !matches(route.path, path)) continue;
    for (const { method } of route.stack) {
      if (method) methods.add(method.toUpperCase());
    }
  }
  if (methods.has('GET')) methods.add('HEAD'); // Express answers it as a GET without a body
  return [...methods].sort();
}

function matches(pattern: string, path: string): boolean {
  // No decoding: what a broken escape means has been answered before.
  return match(pattern, { decode: false })(path) !== false;
}
