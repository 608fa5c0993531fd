// Once for each process that runs tests, before it loads any of them.

import process from 'node:process';
import { allowTypeScript } from './typescript/register.mjs';

allowTypeScript();

// What sessions can be filtered by is read when the service is loaded, and so is the same for all tests of a process.
process.env.METADATA_FILTER_KEYS = 'queue,caller.id,$plan,50%';

// How run-job.mjs asks a process that does not end after its last test what keeps it.
process.once('SIGUSR2', () => process.exit(1));

// When a process ends in order, nothing is there but its standard streams. What does not keep it alive, as a connection
// that nobody reads, may still keep it from ending, and by then it can't be asked.
process.once('exit', () => {
  const open = process.getActiveResourcesInfo().filter((type) => type !== 'PipeWrap' && type !== 'TTYWrap');
  if (open.length > 0) console.error(`Still open: ${open.join(', ')}`);
});
