import { afterAll, describe, expect, test } from '@jest/globals';
import mongoose from 'mongoose';
import { readThemes, reasonToSkip, type Expectation, type TestCase } from './case-files.mjs';
import { expectationOf, runCase } from './run-case.mjs';
import { storeKind } from './store-kind.mjs';
import { openStoreUnderTest } from './store-under-test.js';

// Opened before the tests are defined, since the kind of store decides which of them are skipped.
const store = await openStoreUnderTest();
const client = await new mongoose.mongo.MongoClient(store.uri, { serverSelectionTimeoutMS: 5_000 }).connect();
const kind = await storeKind(client);
const databaseName = `conformance_${process.pid}`;

afterAll(async () => {
  await client.db(databaseName).dropDatabase();
  await client.close();
  await store.close();
});

/** Compared as text, since the order of fields is part of a document. */
const asText = (expectation: Expectation): string => JSON.stringify(expectation, null, 2);

const answersAsExpected = async (testCase: TestCase): Promise<void> => {
  const got = await runCase(client, databaseName, testCase);
  expect(asText(got)).toBe(asText(expectationOf(testCase)));
};

const skipped: string[] = [];

describe.each(readThemes())('$theme', ({ theme, cases }) => {
  for (const testCase of cases) {
    const reason = reasonToSkip(testCase, kind);
    if (reason) skipped.push(`${theme} › ${testCase.name}: ${reason}`);
    const define = reason ? test.skip : test;
    define(testCase.name, () => answersAsExpected(testCase));
  }
});

if (skipped.length > 0) {
  console.warn([`${skipped.length} cases do not hold on ${kind.name}:`, ...skipped].join('\n  '));
}
