/** A block of commands that no test runs as it is. */
interface NotRun {
  readonly page: string;
  readonly commands: string;
  readonly why: string;
  /** What a test does instead. */
  readonly instead: string;
}

/**
 * All blocks of the docs that are not run literally. `pages.spec.ts` fails for any other one, and for one that no
 * longer exists.
 */
export const NOT_RUN: readonly NotRun[] = [
  {
    page: 'clients/typescript/README.md',
    commands: `
npm run build && npm pack    # in this directory: conversation-session-client-1.0.0.tgz, to be installed where it is needed
`,
    why: 'It leaves a file in the directory of the client.',
    instead: 'packed-client.spec.ts packs it into another one, installs it, and runs it.',
  },
  {
    page: 'README.md',
    commands: `
./demo.sh         # a tour: a recorded call, retries, races, kill -9; every answer is checked
./run-tests.sh    # builds, checks and runs every test suite; --quick takes about a minute`,
    why: 'Both may install and build, under the feet of the suites that run; the second one runs this test.',
    instead: 'scripts.spec.ts runs the tour that demo.sh ends in, and has bash read both scripts.',
  },
  {
    page: 'README.md',
    commands: `
TEST_MONGODB_URI='mongodb://localhost:27017' ./run-tests.sh`,
    why: 'It runs this test, on a server that is not there.',
    instead: 'CI runs it where there is one: .github/workflows/mongodb.yml.',
  },
  {
    page: 'README.md',
    commands: `
(cd clients/typescript && npm run build && npm pack)
cp clients/typescript/*.tgz "$(mktemp -d)" && cd "$_" && npm install ./*.tgz`,
    why: 'It leaves a file in the directory of the client, and the shell in another one.',
    instead: 'packed-client.spec.ts packs it into another one, installs it, and runs what is shown next.',
  },
  {
    page: 'README.md',
    commands: `
npm ci && npm run build
npm start`,
    why: 'What is installed and built is what this test runs on.',
    instead: 'readme.spec.ts runs the last line; its service is the one to which all other commands go.',
  },
  {
    page: 'README.md',
    commands: `
# A standalone server
MONGODB_URI='mongodb://localhost:27017/conversations' npm start

# A replica set
MONGODB_URI='mongodb://host1:27017,host2:27017,host3:27017/conversations?replicaSet=rs0' npm start

# Atlas
MONGODB_URI='mongodb+srv://user:password@cluster.example.mongodb.net/conversations' npm start`,
    why: 'The servers are not there.',
    instead:
      'readme.spec.ts runs the first one on a server that is, and has the configuration read all three.',
  },
  {
    page: 'CONTRIBUTING.md',
    commands: `
npm ci
npm run start:dev             # the service, on the embedded store in ./data, restarted on each change
npm run check                 # format, lint and types (oxlint), import rules
npm test                      # every suite, on the embedded store
npm test -- test/e2e          # one folder; -t 'part of a name' for one test
TEST_MONGODB_URI=mongodb://127.0.0.1:27017 npm test    # the same on a MongoDB
./run-tests.sh                # everything, as CI does it; --quick for the checks, units and endpoints; --node 24 by that Node.js
npm run guarantees            # faults for as long as you like; docs/guarantees.md
npm run bench                 # the service beside a bare server; --before main for another build too`,
    why: 'They run the tests, or take minutes of a machine with nothing else to do.',
    instead: 'run-tests.sh runs check and all suites; pages.spec.ts has every script exist, and folder.',
  },
  {
    page: 'docs/guarantees.md',
    commands: `
npm run guarantees -- --minutes 10 --instances 3                     # on the embedded store as a server
npm run guarantees -- --minutes 10 --store embedded                  # one instance, its own store
npm run guarantees -- --minutes 10 --store mongodb://127.0.0.1:27017 # any MongoDB
npm run guarantees -- --help`,
    why: 'Ten minutes each.',
    instead: 'scripts.spec.ts runs the last one, and has it know every option of the others.',
  },
  {
    page: 'docs/operations.md',
    commands: `
mongodump --uri "$MONGODB_HOST_URI" --oplog --gzip --archive=conversations.gz
mongorestore --uri "$MONGODB_HOST_URI" --oplogReplay --drop --gzip --archive=conversations.gz`,
    why: 'MongoDB’s own tools, on a replica set; nothing of ours runs.',
    instead: 'Nothing.',
  },
  {
    page: 'docs/operations.md',
    commands: `
npm run export -- --to calls.ndjson
npm run import -- --url http://localhost:3001 calls.ndjson`,
    why: 'It leaves a file where the reader is.',
    instead: 'test/cli/export.spec.ts runs the same commands.',
  },
  {
    page: 'docs/operations.md',
    commands: `
npm run purge -- --before 2026-01-01 --dry-run`,
    why: 'It asks a service on the default port.',
    instead: 'api-testing.spec.ts runs the same command against its own.',
  },
  {
    page: 'docs/operations.md',
    commands: `
npm run store:backup -- --to /backups/2026-03-01`,
    why: 'It copies the store in the default directory.',
    instead: 'test/cli/store-backup.spec.ts runs the same command against its own.',
  },
  {
    page: 'docs/operations.md',
    commands: `
npm run end-idle -- --idle-for 24h --status failed --dry-run`,
    why: 'It asks a service on the default port.',
    instead: 'test/cli/end-idle.spec.ts runs the same command against its own.',
  },
];
