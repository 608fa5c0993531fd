import { type Logger } from '@nestjs/common';
import mongoose, { type Connection } from 'mongoose';
import { ConfigError } from '../config/load-config.js';
import { completeUri, connectionOptions } from './connection-options.js';
import { isDuplicateKey } from './mongo-errors.js';

/**
 * Builds the indexes of all models that are missing, one after the other.
 *
 * It uses a connection without a socket time-out: a build takes as long as it takes, and one that is given up by the
 * client goes on in the server, beside the next attempt.
 *
 * @throws ConfigError if documents have equal values where an index allows only one.
 */
export async function buildIndexes(
  { models }: Connection,
  uri: string,
  timeoutMs: number,
  logger: Logger,
): Promise<void> {
  const patient = mongoose.createConnection();
  try {
    await patient.openUri(completeUri(uri, timeoutMs, { socketTimeoutMS: 0 }), connectionOptions(uri));
    for (const model of Object.values(models)) {
      const collection = patient.collection(model.collection.collectionName);
      const existing = new Set(await namesOfIndexes(collection));
      for (const [keys, { name = '', ...options }] of model.schema.indexes()) {
        const since = performance.now();
        if (!existing.has(name)) logger.log(`Building the index ${name}`);
        await collection
          .createIndex(keys as mongoose.mongo.IndexSpecification, { name, ...options } as object, {})
          .catch((error: unknown) => {
            throw isDuplicateKey(error) ? duplicates(collection.collectionName, name, error as Error) : error;
          });
        const seconds = Math.round((performance.now() - since) / 100) / 10;
        if (!existing.has(name) && seconds >= 1) logger.log(`Built the index ${name} in ${seconds} s`);
      }
    }
  } finally {
    await patient.close();
  }
}

async function namesOfIndexes(collection: mongoose.Collection): Promise<string[]> {
  const NAMESPACE_NOT_FOUND = 26;
  try {
    return (await collection.indexes()).map(({ name }: { name?: string }) => name ?? '');
  } catch (error) {
    if ((error as mongoose.mongo.MongoServerError).code === NAMESPACE_NOT_FOUND) return [];
    throw error;
  }
}

function duplicates(collection: string, index: string, error: Error): ConfigError {
  return new ConfigError(
    `The index ${index} of the collection ${collection} can't be built, as several documents have the same values (${error.message}). Remove all but one of them, and start again.`,
  );
}
