import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import mongoose, { Model } from 'mongoose';
import { driverCollection } from '../../../database/driver-collection.js';
import { StoreOperations } from '../../../database/store-operations.js';
import { type SessionKey, type SessionOrder } from '../listing/session-query.js';
import { Session } from '../schemas/session.schema.js';

/** A field of a session with the values it may have. */
export interface Criterion {
  readonly path: string;
  readonly values: readonly string[];
}

/** Sessions that are adjacent in one index, in the order of the list. */
export interface SessionRange {
  /** The field that selects the index; undefined for the index of all sessions. */
  readonly along: { readonly path: string; readonly value: string } | undefined;
  /** Further conditions, checked on each session. */
  readonly beside: readonly Criterion[];
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

/** A part of a range. */
export interface SessionSlice {
  readonly order: SessionOrder;
  readonly after?: SessionKey | undefined;
  readonly limit: number;
}

/** The queries of the list of sessions. Each reads a part of one index range. */
@Injectable()
@StoreOperations('sessions')
export class SessionListRepository {
  private readonly collection: mongoose.mongo.Collection<Session>;

  constructor(@InjectModel(Session.name) sessions: Model<Session>) {
    this.collection = driverCollection(sessions);
  }

  /** The sessions of a range in the order of the list, after the session `after`. */
  async findInRange(range: SessionRange, { order, after, limit }: SessionSlice): Promise<Session[]> {
    const find = (condition: object) =>
      this.collection.find(condition, { sort: inOrder(order), limit }).toArray();
    if (!after) return find(selecting(range, {}));
    const beyond = order === 'asc' ? { $gt: after.startedAt } : { $lt: after.startedAt };
    const tie = order === 'asc' ? { $gt: after.sessionId } : { $lt: after.sessionId };
    // Two ranges of one index. Given both conditions in one query, a store might read from the beginning of either.
    const found = await Promise.all([
      find({ ...selecting(range, {}), startedAt: after.startedAt, sessionId: tie }),
      find(selecting(range, beyond)),
    ]);
    return found.flat().slice(0, limit);
  }

  /** The `startedAt` of the session at a distance from the start of a range; undefined if the range is shorter. */
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

/** The earliest possible time. It excludes deleted sessions, which have no `startedAt`. */
const FIRST_DAY = new Date(-8.64e15);

function inOrder(order: SessionOrder): mongoose.mongo.Sort {
  const direction = order === 'asc' ? 1 : -1;
  return { startedAt: direction, sessionId: direction };
}

/**
 * The query for a range: equality on its index's field, and one range on `startedAt`, which that index serves. Further
 * conditions are written as ranges, so that a planner that prefers equalities does not choose their index instead.
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
