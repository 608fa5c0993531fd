import { aSession, upTo } from '../../support/samples.js';
import { aborted, closed, rudeConnection, type Attacker } from '../attacker.js';

const CONNECTIONS = 1000;

/** Connections from before the attack that send requests all at once. */
const OTHERS = 10;

/** A share of a core that a waiting process does not reach, even on a busy machine. */
const SPINNING = 0.5;

/** Opens more connections than the process may have, so that no descriptor is left. */
export const usesUpDescriptors: Attacker = {
  name: `${CONNECTIONS} connections where a process may have 512 files open`,
  shutsOut: true,
  sees: { refused: 0, spins: 0 },
  async prepare({ client }) {
    await Promise.all(upTo(OTHERS).map(() => client.send({ path: '/health/live' })));
    return '';
  },
  async attack(service, signal) {
    const { client } = service;
    const sockets = Array.from({ length: CONNECTIONS }, () => rudeConnection(service).resume());
    const answers = await Promise.all(upTo(OTHERS).map(() => client.create(aSession())));
    const [cpu, since] = [await cpuSeconds(service), performance.now()];
    await aborted(signal);
    const share = ((await cpuSeconds(service)) - cpu) / ((performance.now() - since) / 1000);
    for (const socket of sockets) socket.destroy();
    await Promise.all(sockets.map(closed));
    return {
      refused: answers.filter(({ status }) => status !== 201 && status !== 503).length,
      spins: share > SPINNING ? 1 : 0,
    };
  },
};

async function cpuSeconds({ client }: Parameters<Attacker['attack']>[0]): Promise<number> {
  const { text } = await client.send({ path: '/metrics' });
  return Number(/^process_cpu_seconds_total (\S+)$/m.exec(text)?.[1]);
}
