import { readFileSync } from 'node:fs';
import { defineConfig } from 'rolldown';

const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

/** NestJS and RxJS: some 1,000 small ES modules, which Node loads one by one for half of a start's processor time. */
const isBundled = (name) => /^(@nestjs\/|rxjs$)/.test(name);

/** Our other dependencies stay as they are installed. Some are native, and of some there may be only one in a process. */
const installed = Object.keys(dependencies).filter((name) => !isBundled(name));

/** What NestJS looks for, and does without. */
const optional = ['@fastify/static', '@fastify/view', '@nestjs/microservices', '@nestjs/websockets'];

/** Leads the source maps on to TypeScript, over those that the compiler wrote. */
const compilersMaps = {
  name: 'compilers-maps',
  load: {
    filter: { id: { include: /\/build\/.*\.js$/, exclude: /\/node_modules\// } },
    handler: (id) => ({ code: readFileSync(id, 'utf8'), map: readFileSync(`${id}.map`, 'utf8') }),
  },
};

/** From the modules that the compiler wrote, makes the programs that are run: few files, which start in half the time. */
export default defineConfig({
  input: Object.fromEntries(
    ['main', 'session-cli/import', 'session-cli/purge', 'store-cli/export', 'store-cli/store'].map((name) => [
      name,
      `build/${name}.js`,
    ]),
  ),
  platform: 'node',
  external: new RegExp(`^(${[...installed, ...optional].join('|')})(/|$)`),
  plugins: [compilersMaps],
  output: {
    dir: 'dist',
    cleanDir: true,
    keepNames: true, // schemas, models and the API description are named by their classes
    sourcemap: true,
    sourcemapExcludeSources: true,
    chunkFileNames: 'chunks/[name]-[hash].js',
  },
});
