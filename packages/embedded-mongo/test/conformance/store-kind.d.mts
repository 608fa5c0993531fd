import { type mongo } from 'mongoose';

export interface StoreKind {
  readonly name: string;
  readonly isStandalone: boolean;
}

export function storeKind(client: mongo.MongoClient): Promise<StoreKind>;
