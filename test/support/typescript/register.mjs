import { register } from 'node:module';

/** Lets this process import TypeScript, which Node 20 can't by itself: with the compiler that jest uses here, no types checked. */
export function allowTypeScript() {
  process.setSourceMapsEnabled(true);
  register('./loader.mjs', import.meta.url);
}
