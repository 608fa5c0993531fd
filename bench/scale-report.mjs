import { figure, number, table } from './tables.mjs';

const SECONDS_PER_DAY = 86_400;
const PEAK_TO_MEAN = 5;
const UTILISATION = 0.6;
const MILLION = 1e6;

/** The throughput of one instance, and what follows for millions of sessions a day. */
export function scaleSection(scale) {
  const { run, connections, seconds, appendsPerSession, latencies, bytesPerSession } = scale;
  const perEvent = bytesPerSession && bytesPerSession / appendsPerSession;
  return [
    '## Scale',
    '',
    `- ${run.date.slice(0, 16).replace('T', ' ')} UTC, on ${run.machine}; ${run.store}`,
    `- ${connections} clients for ${seconds} s, each running one session after the other: create, ${appendsPerSession} appends,`,
    '  one read, complete. The load generator shares the machine.',
    '',
    ...table(
      ['one instance', ''],
      [
        ['sessions/s', figure(scale.sessionsPerSecond, 1)],
        ['requests/s', figure(scale.requestsPerSecond)],
        ['appends/s', figure(scale.appendsPerSecond)],
        ['CPU per session, ms', figure(scale.cpuMillisPerSession, 1)],
        ['disk per session, bytes', figure(bytesPerSession)],
        ['disk per event, including its share of the session, bytes', figure(perEvent)],
      ],
    ),
    '',
    ...table(
      ['request', 'p50, ms', 'p99, ms'],
      Object.entries(latencies).map(([kind, { p50, p99 }]) => [kind, figure(p50, 1), figure(p99, 1)]),
    ),
    '',
    ...arithmetic(scale),
  ];
}

/** An extrapolation: the measured numbers, multiplied. It assumes that the store keeps up, for example by sharding. */
function arithmetic(scale) {
  const { appendsPerSession, sessionsPerSecond, bytesPerSession } = scale;
  const rows = [1, 10, 100].map((millions) => {
    const sessions = millions * MILLION;
    const peak = (sessions / SECONDS_PER_DAY) * PEAK_TO_MEAN;
    return [
      `${millions} million`,
      number(peak),
      number(peak * appendsPerSession),
      number(peak * (appendsPerSession + 1)),
      number(Math.ceil(peak / (sessionsPerSecond * UTILISATION))),
      bytesPerSession ? `${figure((sessions * bytesPerSession) / 1e9)} GB` : '–',
    ];
  });
  const header = ['sessions per day', 'peak sessions/s', 'peak appends/s', 'peak inserts/s in MongoDB'];
  return [
    `Extrapolated for ${appendsPerSession} events per session, a peak of ${PEAK_TO_MEAN} × the mean, and instances like this one at ${UTILISATION * 100} % load:`,
    '',
    ...table([...header, 'instances', 'disk per day'], rows),
    '',
    'In addition to its inserts, a session costs two updates: its activation at the first event, and its end.',
    '',
  ];
}
