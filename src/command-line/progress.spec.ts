import { describe, expect, it } from '@jest/globals';
import { Progress } from './progress.js';

/** The output for a progress over `steps`. */
function written(isTTY: boolean, total: number, steps: number[]): string {
  let text = '';
  const progress = new Progress('Copying', total, { isTTY, write: (more) => (text += more) });
  for (const step of steps) progress.add(step);
  progress.end();
  return text;
}

describe('Progress', () => {
  it('redraws one line on a terminal, and leaves the last one', () => {
    expect(written(true, 2000, [500])).toBe(
      '\r\x1b[KCopying [########----------------------]  25 %  500 of 2,000' +
        '\r\x1b[KCopying: 500 of 2,000\n',
    );
  });

  it('does not redraw more often than anyone can see', () => {
    expect(written(true, 1000, Array<number>(1000).fill(1)).split('\r').length).toBeLessThan(20);
  });

  it('writes one line for each tenth if the output is not a terminal', () => {
    const lines = written(false, 100, Array<number>(100).fill(1)).trimEnd().split('\n');
    expect(lines).toHaveLength(10);
    expect(lines.at(0)).toBe('Copying: 10 of 100');
    expect(lines.at(-1)).toBe('Copying: 100 of 100');
  });

  it.each([
    [0, [], 'Copying: 0 of 0\n'],
    [1, [3], 'Copying: 3 of 3\n'],
  ])('ends with one line for a total of %j', (total, steps, text) => {
    expect(written(false, total, steps)).toBe(text);
  });
});
