import { readFileSync } from 'node:fs';
import { defineConfig } from 'rolldown';

const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

const COMMANDS = ['store', 'store-export', 'import', 'export', 'purge', 'end-idle'];

const PROGRAMS = ['main', ...COMMANDS.map((name) => `cli/${name}`)];

/** What the benchmark and the tests import by itself. */
const MODULES = ['embedded-mongo/index', 'database/connection-options'];

/** NestJS and RxJS: some 1,000 small ES modules, which Node loads one by one for half of a start's processor time. */
const isBundled = (name) => /^(@nestjs\/|rxjs$)/.test(name);

/** Our other dependencies stay as they are installed. Some are native, and of some there may be only one in a process. */
const installed = Object.keys(dependencies).filter((name) => !isBundled(name));

/** What NestJS looks for, and does without. */
const optional = ['@fastify/static', '@fastify/view', '@nestjs/microservices', '@nestjs/websockets'];

/** Makes the programs of `src/`: few files, which start in half the time. Types are checked by `npm run lint`. */
export default defineConfig({
  input: Object.fromEntries([...PROGRAMS, ...MODULES].map((name) => [name, `src/${name}.ts`])),
  platform: 'node',
  external: new RegExp(`^(${[...installed, ...optional].join('|')})(/|$)`),
  output: {
    dir: 'dist',
    cleanDir: true,
    keepNames: true, // schemas, models and the API description are named by their classes
    sourcemap: true,
    sourcemapExcludeSources: true,
    chunkFileNames: 'chunks/[name]-[hash].js',
  },
});
