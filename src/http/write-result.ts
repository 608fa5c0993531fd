/** What came of a write that is safe to retry. */
export interface WriteResult<T> {
  /** What is stored now, whoever stored it. */
  readonly resource: T;
  /** False when the resource was there already: the request was a replay. */
  readonly created: boolean;
  /** True when a replay asked for something else than what is stored. */
  readonly differs: boolean;
}

/** The resource was not there before this write. */
export function created<T>(resource: T): WriteResult<T> {
  return { resource, created: true, differs: false };
}

/** The resource was there already and stays as it is. */
export function replayed<T>(resource: T, differs: boolean): WriteResult<T> {
  return { resource, created: false, differs };
}

/** The same result with its resource in another form. */
export function mapResource<T, U>(result: WriteResult<T>, map: (resource: T) => U): WriteResult<U> {
  return { ...result, resource: map(result.resource) };
}
