export { EmbeddedMongo, type EmbeddedMongoOptions } from './embedded-mongo.js';
export { DirectoryInUseError, EmbeddedMongoError } from './errors.js';
