import { Reflector } from '@nestjs/core';

/** Marks a repository: each of its async methods is one operation on the named collection, and is timed as such. */
export const StoreOperations = Reflector.createDecorator<string>();
