import { describe, expect, it } from '@jest/globals';
import { runCommand } from './command.js';

describe('npm run end-idle', () => {
  it.concurrent.each([
    [[], '--idle-for must be a time such as 30m, 24h or 7d, not ""'],
    [['--idle-for', '24'], '--idle-for must be a time such as 30m, 24h or 7d, not "24"'],
    [['--idle-for', '24h', '--status', 'active'], '--status must be completed or failed, not "active"'],
  ])('says what is wrong with %j', async (args, reason) => {
    const { code, stderr } = await runCommand('end-idle', ...args);
    expect(stderr).toContain(reason);
    expect(code).toBe(64);
  });
});
