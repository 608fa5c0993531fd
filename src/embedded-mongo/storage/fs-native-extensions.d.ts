declare module 'fs-native-extensions' {
  /** Locks a range of an open file, or gives false where somebody else has a lock on it. */
  export function tryLock(descriptor: number, offset: number, length: number): boolean;
}
