import { allowTypeScript } from './run-typescript.mjs';

allowTypeScript();
await import('./measure-contention.ts');
