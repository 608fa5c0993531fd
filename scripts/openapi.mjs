/**
 * Writes docs/openapi.json from the built code (`npm run build` first), or with --check fails where it is not what
 * the code says. Builds the application without starting it: no store is opened, nothing listens.
 *
 *   node scripts/openapi.mjs [--check]
 */
import { readFile, writeFile } from 'node:fs/promises';

const FILE = new URL('../docs/openapi.json', import.meta.url);

for (const name of Object.keys(process.env)) delete process.env[name]; // the file shows the default limits
const [{ NestFactory }, { AppModule }, { describeApi }] = await Promise.all([
  import('@nestjs/core'),
  import('../dist/app.module.js'),
  import('../dist/openapi/describe-api.js'),
]);

const app = await NestFactory.create(AppModule, { logger: ['error'], abortOnError: false });
const generated = `${JSON.stringify(describeApi(app), null, 2)}\n`;

if (!process.argv.includes('--check')) {
  await writeFile(FILE, generated);
} else if ((await readFile(FILE, 'utf8').catch(() => '')) !== generated) {
  console.error('docs/openapi.json is not what the code says: run `npm run build && npm run openapi`.');
  process.exit(1);
}
process.exit(0);
