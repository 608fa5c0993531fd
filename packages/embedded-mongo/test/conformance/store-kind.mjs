// Determines the kind of store, so that documented differences can be told from failures.

/** `{ name, isStandalone }`; `TEST_STORE_NAME` takes precedence over the store's own name. */
export async function storeKind(client) {
  const admin = client.db('admin');
  const refused = { gitVersion: 'embedded' }; // the embedded store has no buildInfo
  const build = await admin.command({ buildInfo: 1 }).catch(() => refused);
  const hello = await admin.command({ hello: 1 });
  return {
    name: process.env.TEST_STORE_NAME ?? nameFrom(build),
    isStandalone: hello.setName === undefined && hello.msg !== 'isdbgrid',
  };
}

const KNOWN = ['documentdb', 'embedded'];

/** Stores other than MongoDB's server identify themselves in the build's version or among its modules. */
function nameFrom({ gitVersion = '', modules = [] }) {
  const words = [gitVersion, ...modules].join(' ').toLowerCase();
  return KNOWN.find((name) => words.includes(name)) ?? 'mongod';
}
