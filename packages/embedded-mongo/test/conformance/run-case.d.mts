import { type mongo } from 'mongoose';
import { type Expectation, type TestCase } from './case-files.mjs';

export function runCase(
  client: mongo.MongoClient,
  databaseName: string,
  testCase: TestCase,
): Promise<Expectation>;
export function expectationOf(testCase: TestCase): Expectation;
