import { copyFileSync, cpSync, readFileSync } from 'node:fs';
import { defineConfig } from 'rolldown';

const dependenciesOf = (folder) =>
  Object.keys(
    JSON.parse(readFileSync(new URL(`${folder}package.json`, import.meta.url), 'utf8')).dependencies,
  );

const COMMANDS = ['store', 'store-export', 'store-backup', 'import', 'export', 'purge', 'end-idle'];

const PROGRAMS = ['main', ...COMMANDS.map((name) => `cli/${name}`)];

const EMBEDDED_MONGO = 'packages/embedded-mongo/';

/**
 * NestJS and RxJS: some 1,000 small ES modules, which Node loads one by one for half of a start's processor time. And the
 * embedded store, which is TypeScript.
 */
const isBundled = (name) => /^(@nestjs\/|rxjs$|embedded-mongo$)/.test(name);

/** Our other dependencies stay as they are installed. Some are native, and of some there may be only one in a process. */
const installed = ['', EMBEDDED_MONGO].flatMap(dependenciesOf).filter((name) => !isBundled(name));

/** What NestJS looks for, and does without. */
const optional = ['@fastify/static', '@fastify/view', '@nestjs/microservices', '@nestjs/websockets'];

/** The pages are served as they are, together with the one module that they share with the service. */
const pages = {
  name: 'pages',
  writeBundle() {
    cpSync('src/ui/public', 'dist/public', { recursive: true });
    copyFileSync('src/common/event-text.js', 'dist/public/event-text.js');
  },
};

/** Makes the programs of `src/`: few files, which start in half the time. Types are checked by `npm run lint`. */
export default defineConfig({
  input: {
    ...Object.fromEntries(PROGRAMS.map((name) => [name, `src/${name}.ts`])),
    'embedded-mongo/index': `${EMBEDDED_MONGO}src/index.ts`,
  },
  platform: 'node',
  plugins: [pages],
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
