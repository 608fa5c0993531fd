// What of a store's answer is compared: everything that MongoDB documents, nothing that varies from run to run.

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

/** Codes above belong to one place in MongoDB's source; newer versions have named some of them. */
const LAST_NAMED_CODE = 14_000;

const RECENT_MS = 60 * 60 * 1000;

/** The comparable part of an answer; `keep` names further top-level fields. */
export function normaliseAnswer(answer, { keep = [] } = {}) {
  const kept = pick(answer, [...ANSWER_FIELDS, ...keep]);
  // A client can't tell an Int32 from a Long here, and versions of MongoDB differ.
  for (const name of COUNTERS) if (name in kept) kept[name] = Number(kept[name]);
  if (kept.cursor) kept.cursor = normaliseCursor(kept.cursor);
  if (kept.writeErrors) kept.writeErrors = kept.writeErrors.map((error) => pick(error, WRITE_ERROR_FIELDS));
  return hideGenerated(kept);
}

/** The comparable part of a refusal; the wording is each store's own. */
export function normaliseError(response) {
  const error = hideGenerated(pick(response, ERROR_FIELDS));
  if (error.code > LAST_NAMED_CODE) delete error.codeName;
  return { error };
}

/** Documents as they are compared. */
export function normaliseDocuments(documents) {
  return hideGenerated(documents);
}

/** Ids differ from run to run, so all that is told of one is whether there is more to get. */
function normaliseCursor({ id, firstBatch, nextBatch }) {
  const batch = firstBatch ? { firstBatch } : { nextBatch };
  return { ...batch, open: !id.isZero() };
}

/** An index as `listIndexes` tells it: the order of the options is the store's own, and so is `storageEngine`. */
export function normaliseIndex({ v, key, name, ...others }) {
  const options = Object.keys(others).filter((option) => option !== 'storageEngine' && option !== 'ns');
  return { v, key, name, ...pick(others, options.sort()) };
}

const pick = (object, names) =>
  Object.fromEntries(names.filter((name) => name in object).map((name) => [name, object[name]]));

/** Puts a word in the place of each value that the store made just now: the case can't foretell it. */
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
