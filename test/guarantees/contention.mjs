import { allowTypeScript } from '../support/typescript/register.mjs';

allowTypeScript();
await import('./measure-contention.ts');
