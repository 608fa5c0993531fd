import { describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { StoreUnavailableError } from '../common/errors/domain-error.js';
import { isDuplicateKey, translateMongoError, unorderedOutcomes } from './mongo-errors.js';

const { MongoBulkWriteError, MongoServerError } = mongoose.mongo;

const MAJORITY_NOT_REACHED = { code: 64, errmsg: 'waiting for replication timed out' };

/** What the driver throws for an insert of several documents: the error's own class, with what it asks of its result. */
function bulkError(codes: Readonly<Record<number, number>>, writeConcernError?: object) {
  const writeErrors = Object.entries(codes).map(([index, code]) => ({
    index: Number(index),
    code,
    errmsg: 'no',
  }));
  const result = { insertedCount: 0, getWriteConcernError: () => writeConcernError };
  const code = writeErrors[0]?.code ?? 64;
  return new MongoBulkWriteError({ message: 'no', code, writeErrors } as never, result as never);
}

describe('unorderedOutcomes', () => {
  it('tells of each document whether it was stored, refused by a unique index, or what else was wrong', () => {
    const outcomes = unorderedOutcomes(bulkError({ 1: 11000, 3: 10334 }), 5);

    expect(outcomes).toEqual([true, false, true, expect.any(MongoServerError), true]);
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

describe('a refused document in a write that no majority has', () => {
  const error = bulkError({ 0: 11000 }, MAJORITY_NOT_REACHED);

  it('is not the answer: what was stored beside it may be rolled back', () => {
    expect(isDuplicateKey(error)).toBe(false);
    expect(isDuplicateKey(bulkError({ 0: 11000 }))).toBe(true);
  });

  it('means that the store is not available', () => {
    expect(translateMongoError(error)).toBeInstanceOf(StoreUnavailableError);
  });
});
