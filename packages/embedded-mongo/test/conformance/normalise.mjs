// Reduces a store's reply to what is compared: everything that MongoDB documents, nothing that varies between runs.

const COUNTERS = ['n', 'nModified', 'numIndexesBefore', 'numIndexesAfter', 'nIndexesWas'];
const ANSWER_FIELDS = [
  ...COUNTERS,
  'upserted',
  'writeErrors',
  'lastErrorObject',
  'value',
  'cursor',
  'createdCollectionAutomatically',
];
const ERROR_FIELDS = ['code', 'codeName', 'keyPattern', 'keyValue'];
const WRITE_ERROR_FIELDS = ['index', 'code', 'keyPattern', 'keyValue'];

/** Higher codes belong to one place in MongoDB's source; newer versions have named some of them. */
const LAST_NAMED_CODE = 14_000;

const RECENT_MS = 60 * 60 * 1000;

/** The comparable part of a reply; `keep` names additional top-level fields. */
export function normaliseAnswer(answer, { keep = [] } = {}) {
  const kept = pick(answer, [...ANSWER_FIELDS, ...keep]);
  // Clients can't tell an Int32 from a Long here, and MongoDB's versions differ.
  for (const name of COUNTERS) if (name in kept) kept[name] = Number(kept[name]);
  if (kept.cursor) kept.cursor = normaliseCursor(kept.cursor);
  if (kept.writeErrors) kept.writeErrors = kept.writeErrors.map((error) => pick(error, WRITE_ERROR_FIELDS));
  return hideGenerated(kept);
}

/** The comparable part of an error; messages differ between stores. */
export function normaliseError(response) {
  const error = hideGenerated(pick(response, ERROR_FIELDS));
  if (error.code > LAST_NAMED_CODE) delete error.codeName;
  return { error };
}

/** The comparable form of documents. */
export function normaliseDocuments(documents) {
  return hideGenerated(documents);
}

/** Ids differ between runs, so only whether there is more to read is kept. */
function normaliseCursor({ id, firstBatch, nextBatch }) {
  const batch = firstBatch ? { firstBatch } : { nextBatch };
  return { ...batch, open: !id.isZero() };
}

/** An index as in `listIndexes`; the order of the options and `storageEngine` depend on the store. */
export function normaliseIndex({ v, key, name, ...others }) {
  const options = Object.keys(others).filter((option) => option !== 'storageEngine' && option !== 'ns');
  return { v, key, name, ...pick(others, options.sort()) };
}

const pick = (object, names) =>
  Object.fromEntries(names.filter((name) => name in object).map((name) => [name, object[name]]));

/** Replaces values that the store has just generated, which a case can't know, with a word. */
function hideGenerated(value) {
  if (Array.isArray(value)) return value.map(hideGenerated);
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Date) return isRecent(value) ? '<now: date>' : value;
  if (value._bsontype === 'ObjectId') return isRecent(value.getTimestamp()) ? '<new ObjectId>' : value;
  if (value._bsontype === 'Timestamp') {
    return isRecent(new Date(value.getHighBitsUnsigned() * 1000)) ? '<now: timestamp>' : value;
  }
  if (value._bsontype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, hideGenerated(field)]));
}

const isRecent = (date) => Math.abs(Date.now() - date.getTime()) < RECENT_MS;
