import { decode, toRaw } from '../bson/documents.js';
import { compareValues, keyOf } from '../bson/keys.js';
import { MISSING, valuesAt } from '../query/paths.js';
import { plan } from '../query/planner.js';
import { scan } from '../query/scan.js';
import type { Command } from './command.js';

export const distinct: Command = {
  fields: ['key', 'query', 'hint'],
  run({ store, args }) {
    args.required('key');
    const path = args.string('key') ?? '';
    const collection = store.get(args.namespace);
    const filter = args.document('query');
    const values = new Map<string, unknown>();
    if (collection) {
      const chosen = plan(collection, filter, new Map(), args.value('hint'));
      for (const { document } of scan(store.reader, collection, chosen)) {
        for (const value of valuesAt(decode(document), path)) {
          for (const item of Array.isArray(value) ? (value as unknown[]) : [value]) {
            if (item !== MISSING) values.set(keyOf(toRaw(item)).toString('latin1'), item);
          }
        }
      }
    }
    return { values: [...values.values()].sort(compareValues) };
  },
};
