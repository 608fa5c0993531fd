// Preloaded into the service (`node --import`): at each SIGUSR2 its wall clock jumps by a day, forwards or back.

import process from 'node:process';

const DAY_MS = 24 * 60 * 60 * 1000;
const SHIFTS = [0, DAY_MS, -DAY_MS, DAY_MS / 24, -DAY_MS / 24];

const SystemDate = Date;
let jumps = 0;
const now = () => SystemDate.now() + SHIFTS[jumps % SHIFTS.length];

globalThis.Date = new Proxy(SystemDate, {
  construct: (target, given, newTarget) =>
    Reflect.construct(target, given.length > 0 ? given : [now()], newTarget),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});

process.on('SIGUSR2', () => jumps++);
