import { setTimeout as sleep } from 'node:timers/promises';
import { type ServiceProcess } from '../support/processes.js';

/** The resources that a service holds. */
export interface Held {
  readonly megabytes: number;
  /** Of its process; NaN if the system does not report them. */
  readonly descriptors: number;
  /** Connections of clients; the one to its embedded store is not TCP. */
  readonly connections: number;
  readonly underWay: number;
  readonly bytes: number;
}

/** Reads the resources of a service from `/metrics`. */
export async function whatIsHeld({ client }: ServiceProcess): Promise<Held> {
  const { text } = await client.send({ path: '/metrics' });
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  return {
    megabytes: Math.round(value('process_resident_memory_bytes') / 1e6),
    descriptors: value('process_open_fds'),
    connections: value('nodejs_active_resources{type="TCPSocketWrap"}'),
    underWay: value('conversation_requests_under_way'),
    bytes: value('conversation_under_way_bytes'),
  };
}

/**
 * Waits until a service has no requests and no connections except this one, up to a limit in milliseconds.
 * Until it has closed the attackers' connections, it may have no descriptor left for this one.
 */
export async function untilAtRest(service: ServiceProcess, ms: number): Promise<Held> {
  const deadline = performance.now() + ms;
  for (;;) {
    const isLate = performance.now() > deadline;
    const held = await whatIsHeld(service).catch((error: unknown) => {
      if (isLate) throw error;
    });
    const isAtRest = held?.connections === 1 && held.underWay + held.bytes === 0;
    if (held && (isAtRest || isLate)) return held;
    await sleep(250);
  }
}
