import { allowTypeScript } from '../support/typescript/register.mjs';

allowTypeScript();
await import('./main.ts');
