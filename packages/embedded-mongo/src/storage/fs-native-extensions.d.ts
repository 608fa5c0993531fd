declare module 'fs-native-extensions' {
  /** Locks a range of an open file. Returns false if another open file has a lock on it. */
  export function tryLock(descriptor: number, offset: number, length: number): boolean;
}
