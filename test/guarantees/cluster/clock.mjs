// Preloaded into an instance (`node --import`): its clock is fast by the milliseconds in CLOCK_FILE, read again at each SIGUSR2.

import { readFileSync } from 'node:fs';
import process from 'node:process';

const SystemDate = Date;
const read = () => Number(readFileSync(process.env.CLOCK_FILE, 'utf8'));
let shift = read();
const now = () => SystemDate.now() + shift;

globalThis.Date = new Proxy(SystemDate, {
  construct: (target, given, newTarget) =>
    Reflect.construct(target, given.length > 0 ? given : [now()], newTarget),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});

process.on('SIGUSR2', () => (shift = read()));
