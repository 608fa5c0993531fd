import { describe, expect, it } from '@jest/globals';
import { StoreUnavailableError } from '../common/errors/domain-error.js';
import { within } from './store-calls.js';

describe('within', () => {
  it('settles as the work does', async () => {
    await expect(within(1000, Promise.resolve('done'))).resolves.toBe('done');
    await expect(within(1000, Promise.reject(new Error('wrong')))).rejects.toThrow('wrong');
  });

  it('rejects if the work never settles', async () => {
    await expect(within(10, new Promise(() => undefined))).rejects.toBeInstanceOf(StoreUnavailableError);
  });
});
