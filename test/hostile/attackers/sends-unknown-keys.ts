import { keepBusy, type Attacker } from '../attacker.js';

/** Sends bodies with 60,000 unknown fields, each of which is a fault. */
export const sendsUnknownKeys: Attacker = {
  name: '20 clients send 60,000 unknown keys each',
  crowds: true,
  async attack({ client }, signal) {
    const body = `{${Array.from({ length: 60_000 }, (_, key) => `"${key.toString(36)}":0`).join()}}`;
    const answers = { '400': 0, '503': 0, 'bytes of the longest answer': 0 };
    await keepBusy(20, signal, async () => {
      const { status, text } = await client.postText('/sessions', body);
      if (status === 400 || status === 503) answers[status]++;
      const longest = Math.max(answers['bytes of the longest answer'], text.length);
      answers['bytes of the longest answer'] = longest;
    });
    return answers;
  },
};
