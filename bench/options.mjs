import { parseArgs } from 'node:util';
import { scenarios } from './scenarios.mjs';

export const PARTS = ['depth', 'cold', 'startup', 'memory', 'import'];
/** The parts that take only minutes; the others first fill stores with a million events. */
const BY_DEFAULT = [...Object.keys(scenarios), 'cold'];

const HELP = `npm run bench -- [options]

Compares the service with the bare limit and prints tables of ratios; by default every scenario and the first requests
of a process, in some five minutes.

  --only NAME[,NAME]     ${Object.keys(scenarios).join(', ')},
                         ${PARTS.join(', ')}
  --before DIR           also measures another build of the service; DIR is its dist
  --against URL          also measures another service with the same requests; it is filled by its API
  --without-bare         leaves the bare limit out
  --rounds N             rounds of each scenario and of depth (5)
  --seconds N            seconds per round (0.6)
  --warm-up-seconds N    the longest first warm-up of each target (6)
  --sizes N[,N]          events of the sessions that depth reads (100,10000,100000,1000000)
  --starts N             starts on each store for startup, and of each program for cold (1)
  --startup-events N     events in the full store of startup (1000000)
  --appends N            appends of memory (200000)
  --memory-sessions N    sessions over which memory spreads them (20000)
  --import-sessions N    sessions that import writes in each way (10000)
  --write                merges the results into docs/benchmarks.json, and rebuilds docs/benchmarks.md and its plots
  --from FILE            measures nothing; builds the report from raw data such as docs/benchmarks.json
  --help

It measures on the MongoDB of MONGODB_URI or, without it, on the embedded store in a process of its own.`;

/** Reads the command line. For `--help` or a mistake, it prints the help and ends the process. */
export function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: BY_DEFAULT.join(',') },
      before: { type: 'string' },
      against: { type: 'string' },
      'without-bare': { type: 'boolean', default: false },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '0.6' },
      'warm-up-seconds': { type: 'string', default: '6' },
      sizes: { type: 'string', default: '100,10000,100000,1000000' },
      starts: { type: 'string', default: '1' },
      'startup-events': { type: 'string', default: '1000000' },
      appends: { type: 'string', default: '200000' },
      'memory-sessions': { type: 'string', default: '20000' },
      'import-sessions': { type: 'string', default: '10000' },
      write: { type: 'boolean', default: false },
      from: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) endWith(HELP, 0);
  const wanted = values.only.split(',');
  const unknown = wanted.find((name) => !(name in scenarios) && !PARTS.includes(name));
  if (unknown !== undefined) endWith(`There is nothing named "${unknown}".\n\n${HELP}`, 1);
  return {
    scenarios: wanted.filter((name) => name in scenarios),
    parts: wanted.filter((name) => PARTS.includes(name)),
    targets: [
      'service',
      ...(values.before ? ['before'] : []),
      ...(values['without-bare'] ? [] : ['bare']),
      ...(values.against ? ['against'] : []),
    ],
    before: values.before,
    against: values.against,
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    warmUpSeconds: Number(values['warm-up-seconds']),
    sizes: values.sizes.split(',').map(Number),
    starts: Number(values.starts),
    startupEvents: Number(values['startup-events']),
    appends: Number(values.appends),
    memorySessions: Number(values['memory-sessions']),
    importSessions: Number(values['import-sessions']),
    write: values.write,
    from: values.from,
  };
}

function endWith(text, code) {
  console.log(text);
  process.exit(code);
}
