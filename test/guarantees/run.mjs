import { allowTypeScript } from './run-typescript.mjs';

allowTypeScript();
await import('./main.ts');
