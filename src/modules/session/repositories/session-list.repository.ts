import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import mongoose, { Model } from 'mongoose';
import { driverCollection } from '../../../database/driver-collection.js';
import { StoreOperations } from '../../../database/store-operations.js';
import { type SessionKey, type SessionOrder } from '../listing/session-query.js';
import { Session } from '../schemas/session.schema.js';

/** A path of a session with the values it may have. */
export interface Criterion {
  readonly path: string;
  readonly values: readonly string[];
}

/** Sessions that lie side by side in one index, in the order of the list. */
export interface SessionRange {
  /** What they have in common. Undefined: nothing, and the index is that of all. */
  readonly along: { readonly path: string; readonly value: string } | undefined;
  /** What is looked at in each of them. */
  readonly beside: readonly Criterion[];
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

/** A stretch of a range. */
export interface SessionSlice {
  readonly order: SessionOrder;
  readonly after?: SessionKey | undefined;
  readonly limit: number;
}

/** The queries of the list of sessions: stretches of what lies side by side in an index. */
@Injectable()
@StoreOperations('sessions')
export class SessionListRepository {
  private readonly collection: mongoose.mongo.Collection<Session>;

  constructor(@InjectModel(Session.name) sessions: Model<Session>) {
    this.collection = driverCollection(sessions);
  }

  /** The sessions of a range in the order of the list, beyond the place of `after`, itself excluded. */
  async findInRange(range: SessionRange, { order, after, limit }: SessionSlice): Promise<Session[]> {
    const find = (condition: object) =>
      this.collection.find(condition, { sort: inOrder(order), limit }).toArray();
    if (!after) return find(selecting(range, {}));
    const beyond = order === 'asc' ? { $gt: after.startedAt } : { $lt: after.startedAt };
    const tie = order === 'asc' ? { $gt: after.sessionId } : { $lt: after.sessionId };
    // Two ranges of one index, where a store that is given both conditions in one might read either from its beginning.
    const found = await Promise.all([
      find({ ...selecting(range, {}), startedAt: after.startedAt, sessionId: tie }),
      find(selecting(range, beyond)),
    ]);
    return found.flat().slice(0, limit);
  }

  /** When the session at a distance from the beginning of a range started; undefined where the range ends before. */
  async findStartAt(range: SessionRange, { order, after }: SessionSlice, distance: number) {
    const bound = after && (order === 'asc' ? { $gte: after.startedAt } : { $lte: after.startedAt });
    const [found] = await this.collection
      .find(selecting(range, bound ?? {}), {
        sort: inOrder(order),
        skip: distance,
        limit: 1,
        projection: { _id: 0, startedAt: 1 },
      })
      .toArray();
    return found?.startedAt;
  }
}

/** Before all times: what is left of a deleted session has none, and is in no list. */
const FIRST_DAY = new Date(-8.64e15);

function inOrder(order: SessionOrder): mongoose.mongo.Sort {
  const direction = order === 'asc' ? 1 : -1;
  return { startedAt: direction, sessionId: direction };
}

/**
 * The query for a range: equality on what it goes along, and one range on `startedAt`, which its index serves. What is
 * beside it is written as ranges, so that no planner that goes by equalities takes the index of that instead.
 */
function selecting({ along, beside, from, to }: SessionRange, bound: object): object {
  const startedAt = { $gte: from ?? FIRST_DAY, ...(to && { $lt: to }), ...bound };
  return {
    ...(along && { [along.path]: along.value }),
    ...Object.fromEntries(beside.map(({ path, values }) => [path, oneOf(values)])),
    startedAt,
  };
}

function oneOf(values: readonly string[]): object {
  const [value] = values;
  return values.length === 1 ? { $gte: value, $lte: value } : { $in: values };
}
