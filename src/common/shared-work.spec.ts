import { expect, it } from '@jest/globals';
import { SharedWork } from './shared-work.js';

it('work is shared by those who ask for the same while it is under way, and begun anew afterwards', async () => {
  const work = new SharedWork<number>();
  let begun = 0;
  const ask = (key: string) => work.run(key, () => Promise.resolve(++begun));

  expect(await Promise.all(['a', 'a', 'b', 'a'].map(ask))).toEqual([1, 1, 2, 1]);
  expect(await ask('a')).toBe(3);
});

it('work that fails does so for all who share it, and is not kept', async () => {
  const work = new SharedWork<number>();
  const failing = () => work.run('a', () => Promise.reject(new Error('away')));

  const [one, other] = [failing(), failing()];
  await expect(one).rejects.toThrow('away');
  await expect(other).rejects.toThrow('away');
  expect(await work.run('a', () => Promise.resolve(1))).toBe(1);
});
