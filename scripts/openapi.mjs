/**
 * Generates docs/openapi.json from the code, and from that the types of the TypeScript client; with --check, it fails
 * if they differ from the code. It builds the application without starting it, so no store is opened and nothing listens.
 *
 * node scripts/openapi.mjs [--check]
 */
import { readFile, writeFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';
import { allowTypeScript } from '../test/support/typescript/register.mjs';

const DESCRIPTION = new URL('../docs/openapi.json', import.meta.url);
const TYPES = new URL('../clients/typescript/src/openapi.ts', import.meta.url);

for (const name of Object.keys(process.env)) delete process.env[name]; // the file shows the default limits
const { NestFactory } = await import('@nestjs/core');
allowTypeScript();
const [{ AppModule }, { describeApi }] = await Promise.all([
  import('../src/app.module.js'),
  import('../src/common/openapi/describe-api.js'),
]);

const app = await NestFactory.create(AppModule, { logger: ['error'], abortOnError: false });
const description = describeApi(app);
const types = astToString(await openapiTS(description, { silent: true }));
const generated = [
  [DESCRIPTION, `${JSON.stringify(description, null, 2)}\n`],
  [TYPES, `// Generated from docs/openapi.json by "npm run openapi".\n\n${types}`],
];

for (const [file, text] of generated) {
  if (!process.argv.includes('--check')) {
    await writeFile(file, text);
  } else if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
    console.error(`${file.pathname} is not what the code says: run "npm run openapi".`);
    process.exitCode = 1;
  }
}
process.exit();
