// npm run bench [-- --help]. The result of a comparison is the median of the rounds' ratios.
import { cold } from './cold.mjs';
import { depth } from './depth.mjs';
import { importing } from './import.mjs';
import { memory } from './memory.mjs';
import { readOptions } from './options.mjs';
import { markdown } from './report.mjs';
import { merged, readData, stamped, writeReport } from './results.mjs';
import { startup } from './startup.mjs';
import { throughput } from './throughput.mjs';

const options = readOptions();
const data = options.from ? readData(options.from) : await measure();
if (options.write) writeReport(options.from ? data : merged(data));
else console.log(`\n${markdown(data)}`);

async function measure() {
  const { scenarios, parts, rounds } = options;
  const found = {};
  if (scenarios.length > 0) {
    found.throughput = await throughput(scenarios, options);
  }
  if (parts.includes('depth')) found.depth = { rows: await depth(options.sizes, { rounds }) };
  if (parts.includes('cold')) found.cold = await cold(options);
  // On a MongoDB, both starts would use the same store.
  if (parts.includes('startup') && !process.env.MONGODB_URI) {
    found.startup = await startup({ starts: options.starts, events: options.startupEvents });
  }
  if (parts.includes('memory')) {
    found.memory = await memory({ appends: options.appends, sessions: options.memorySessions });
  }
  if (parts.includes('import')) found.import = await importing(options.importSessions);
  return stamped(found);
}
