import type mongoose from 'mongoose';

/**
 * The driver's collection behind a model. All queries of the service go by it, for Mongoose has nothing to do in them:
 * what goes in has been validated, and nothing that comes out needs to be a document of Mongoose. Building, casting and
 * hooking a query of Mongoose costs as much as a short query itself. Errors and time limits are those of the same
 * connection; Mongoose has that, the schemas and their indexes.
 */
export function driverCollection<T extends object>(model: mongoose.Model<T>): mongoose.mongo.Collection<T> {
  return model.collection as unknown as mongoose.mongo.Collection<T>;
}
