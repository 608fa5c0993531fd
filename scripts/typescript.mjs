// node --import ./scripts/typescript.mjs: lets a program import the packages of this repository, which are TypeScript.

import { allowTypeScript } from '../test/support/typescript/register.mjs';

allowTypeScript();
