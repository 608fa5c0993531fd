import type mongoose from 'mongoose';

/**
 * The driver's collection behind a model. All queries of the service use it, because Mongoose would add nothing: the
 * input has been validated, and no result needs to be a Mongoose document. Building and casting a Mongoose query and
 * running its hooks costs as much as a short query itself. Errors and time limits are the same, as it is Mongoose's
 * connection; Mongoose also keeps the schemas and creates their indexes.
 */
export function driverCollection<T extends object>(model: mongoose.Model<T>): mongoose.mongo.Collection<T> {
  return model.collection as unknown as mongoose.mongo.Collection<T>;
}
