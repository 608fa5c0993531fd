import { type DiscoveryService, Reflector } from '@nestjs/core';

/** Marks a repository: each of its methods, except the `#private` ones, is one operation on the named collection. */
export const StoreOperations = Reflector.createDecorator<string>();

/** A method of a repository. */
export type Operation = (...parameters: unknown[]) => Promise<unknown>;

/** Replaces every operation of every repository with `wrap` of it, so that none is forgotten. */
export function wrapOperations(
  discovery: DiscoveryService,
  reflector: Reflector,
  wrap: (operation: Operation, collection: string, name: string) => Operation,
): void {
  for (const { metatype, instance } of discovery.getProviders()) {
    if (typeof metatype !== 'function' || typeof instance !== 'object' || instance === null) continue;
    const collection = reflector.get<string | undefined>(StoreOperations.KEY, metatype);
    if (collection === undefined) continue;
    const repository = instance as Record<string, unknown>;
    for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(repository))) {
      const method = repository[name];
      if (typeof method !== 'function' || name === 'constructor') continue;
      repository[name] = wrap((method as Operation).bind(repository), collection, name);
    }
  }
}
