import { type Application } from 'express';
import { routesAt } from './route-pattern.js';

/**
 * The methods that some route answers on a path, for telling "no such path" (404) from "not with this method" (405).
 * Asked only when no route took a request, so it costs the others nothing.
 */
export function allowedMethods(app: Application, path: string): string[] {
  const methods = new Set(routesAt(app, path).flatMap((route) => route.methods));
  if (methods.has('GET')) methods.add('HEAD'); // Express answers it as a GET without a body
  return [...methods].sort();
}
