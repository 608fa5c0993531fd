import { describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { StoreUnavailableError } from '../common/errors/domain-error.js';
import { isDuplicateKey, refusalBy, translateMongoError, unorderedOutcomes } from './mongo-errors.js';

const { MongoBulkWriteError, MongoServerError } = mongoose.mongo;

const E11000 = 'E11000 duplicate key error collection: db.events index: event_by_id dup key: { a: "b" }';
const MAJORITY_NOT_REACHED = { code: 64, errmsg: 'waiting for replication timed out' };

/** The driver's error for an insert of several documents, with a result as the driver would attach. */
function bulkError(codes: Readonly<Record<number, number>>, writeConcernError?: object) {
  const writeErrors = Object.entries(codes).map(([index, code]) => ({
    index: Number(index),
    code,
    errmsg: code === 11000 ? E11000 : 'no',
  }));
  const result = { insertedCount: 0, getWriteConcernError: () => writeConcernError };
  const code = writeErrors[0]?.code ?? 64;
  return new MongoBulkWriteError({ message: 'no', code, writeErrors } as never, result as never);
}

describe('unorderedOutcomes', () => {
  it('reports for each document whether it was stored, refused by a unique index, or failed otherwise', () => {
    const outcomes = unorderedOutcomes(bulkError({ 1: 11000, 3: 10334 }), 5);

    const stored = { stored: true };
    expect(outcomes).toEqual([
      stored,
      { stored: false, refusedBy: 'event_by_id' },
      stored,
      expect.any(MongoServerError),
      stored,
    ]);
    expect(outcomes[3]).toMatchObject({ code: 10334, message: 'no' });
  });

  it.each([
    ['a broken connection', new mongoose.mongo.MongoNetworkError('cut')],
    ['an error of the command', new MongoServerError({ message: 'no', code: 13435 })],
    ['a majority that was not reached', bulkError({}, MAJORITY_NOT_REACHED)],
    ['the same beside a refused document', bulkError({ 1: 11000 }, MAJORITY_NOT_REACHED)],
  ])('knows nothing of any document after %s', (_what, error) => {
    expect(() => unorderedOutcomes(error, 2)).toThrow(error);
  });
});

describe('refusalBy', () => {
  it('names the index as MongoDB does, and none if another server reports it differently', () => {
    const refused = (message: string) => refusalBy(new MongoServerError({ message, code: 11000 }));

    expect(refused(E11000)).toEqual({ stored: false, refusedBy: 'event_by_id' });
    expect(refused('Duplicate key')).toEqual({ stored: false, refusedBy: undefined });
  });
});

describe('a refused document in a write that is not on a majority', () => {
  const error = bulkError({ 0: 11000 }, MAJORITY_NOT_REACHED);

  it('is not the result, since what was stored with it may be rolled back', () => {
    expect(isDuplicateKey(error)).toBe(false);
    expect(isDuplicateKey(bulkError({ 0: 11000 }))).toBe(true);
  });

  it('means that the store is not available', () => {
    expect(translateMongoError(error)).toBeInstanceOf(StoreUnavailableError);
  });
});
