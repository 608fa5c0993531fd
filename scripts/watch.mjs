// The service, started again whenever a source changes: the compiler watches src/, Node.js what it makes of it.

import { spawn } from 'node:child_process';
import process from 'node:process';

const TSC = 'node_modules/typescript/bin/tsc';
const children = [
  [TSC, '--project', 'tsconfig.build.json', '--watch', '--preserveWatchOutput'],
  ['--watch', '--watch-preserve-output', '--enable-source-maps', 'dist/main.js'],
].map((command) => spawn(process.execPath, command, { stdio: 'inherit' }));

for (const child of children) child.once('exit', () => children.forEach((other) => other.kill()));
