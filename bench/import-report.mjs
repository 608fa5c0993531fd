import { figure, number, table } from './tables.mjs';

/** The most that an import may take of the time of single requests over one connection. */
export const OF_SINGLE = 0.25;

/** What the import takes of the time that each of the other ways takes for a session. */
export function partsOfSingle({ rows: [imported, ...others] }) {
  const perSession = ({ seconds, sessions }) => seconds / sessions;
  return others.map((other) => ({ ...other, ratio: perSession(imported) / perSession(other) }));
}

/** `npm run import` beside the same events one a request. */
export function importSection(found) {
  const { run, sessions, events, rows } = found;
  const ratios = new Map(partsOfSingle(found).map(({ way, ratio }) => [way, ratio]));
  return [
    '## Import',
    '',
    `- ${run.date.slice(0, 16).replace('T', ' ')} UTC, on ${run.machine}; the embedded store, in the service`,
    `- Sessions of ${events} events, created, filled and completed, in a new service each; the command as it is, with its`,
    '  start and the check of the file',
    '',
    ...table(
      [
        'way',
        'sessions',
        `${number(sessions)} sessions, s`,
        'events/s',
        'CPU of the service per session, ms',
        'import : this, time',
      ],
      rows.map((row) => [
        row.way,
        number(row.sessions),
        figure((row.seconds / row.sessions) * sessions, 1),
        number((row.sessions / row.seconds) * events),
        figure(row.cpuMillisPerSession, 1),
        figure(ratios.get(row.way), 2),
      ]),
    ),
    '',
  ];
}
