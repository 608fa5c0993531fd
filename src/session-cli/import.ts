import { readCommandLine } from '../command-line/options.js';
import { CommandError, runProgram, stopOnSignal, UsageError } from '../command-line/program.js';
import { format, Progress } from '../command-line/progress.js';
import { SessionApi } from './api.js';
import { type ExportRecord, readExports } from './export-file.js';
import { ImportReport } from './import-report.js';
import { Importer } from './importer.js';
import { stepsOf } from './steps.js';

const USAGE = `Usage: npm run import -- [--to ADDRESS] FILE…

Writes sessions that GET /sessions/:sessionId/export gave, one or several a file, to a service. All files are checked
before anything is sent. It can be run again at any time: it goes on where it was stopped, and nothing is doubled.
  --to  the service to write to (http://localhost:3000)`;

const AGAIN = 'run the same command again: it goes on where it stopped.';

await runProgram(USAGE, async () => {
  const { options, operands } = readCommandLine({ values: ['to'], operands: true });
  if (operands.length === 0) throw new UsageError('There is no file to import.');
  const api = new SessionApi(options.to ?? 'http://localhost:3000');
  stopOnSignal(`To go on, ${AGAIN}`);
  const found = await check(operands);
  console.log(`Found ${format(found.sessions)} sessions with ${format(found.events)} events`);
  await api.expectThere();
  console.log(`To ${api.name}`);

  const progress = new Progress('Importing events', found.events);
  const report = new ImportReport((events) => {
    progress.add(events);
  });
  try {
    await new Importer(api, report).run(stepsOf(readAll(operands)));
  } catch (error) {
    if (error instanceof CommandError)
      throw new CommandError(`${error.message}\nWhen that is mended, ${AGAIN}`);
    throw error;
  }
  progress.end();
  console.log(report.summary);
  tell(report.differences);
});

async function* readAll(files: readonly string[]): AsyncGenerator<ExportRecord> {
  for (const file of files) yield* readExports(file);
}

/** Reads all files once: a cut or damaged one is refused before anything of it is sent. */
async function check(files: readonly string[]): Promise<{ sessions: number; events: number }> {
  const found = { sessions: 0, events: 0 };
  for await (const { kind } of readAll(files)) {
    if (kind === 'session') found.sessions++;
    else if (kind === 'event') found.events++;
  }
  return found;
}

/** @throws CommandError where there are any: what is in the files is then not what is at the service. */
function tell(differences: readonly string[]): void {
  if (differences.length === 0) return;
  throw new CommandError([...differences, 'What was there already was left as it is.'].join('\n'));
}
