import { Reflector } from '@nestjs/core';

/**
 * Marks a repository: each of its methods is one operation on the named collection, and is timed as such, whether it is
 * `async` or returns a query. What is no operation is `#private`; a mere `private` method would be sent and timed too.
 */
export const StoreOperations = Reflector.createDecorator<string>();
