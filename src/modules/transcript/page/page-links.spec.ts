import { describe, expect, it } from '@jest/globals';
import { type Pagination } from '../dto/transcript.dto.js';
import { linksOf } from './page-links.js';

const links = (query: string, pagination: Partial<Pagination>) =>
  linksOf(new URLSearchParams(query), { limit: 2, hasMore: false, nextCursor: null, ...pagination });

describe('linksOf', () => {
  it('links to both neighbours by number, and keeps the query', () => {
    expect(links('limit=2&type=system&page=2', { page: 2, totalPages: 3, nextCursor: 'c' })).toEqual({
      previous: '?limit=2&type=system&page=1',
      next: '?limit=2&type=system&page=3',
      reversed: '?limit=2&type=system&order=desc',
      all: '?limit=2',
    });
  });

  it('has no links on the only page, even if it is empty', () => {
    expect(links('', { page: 1, totalPages: 1 })).toEqual({ reversed: '?order=desc' });
    expect(links('order=desc', { page: 1, totalPages: 0 })).toEqual({ reversed: '?' });
  });

  it('links to the first page from one after the last', () => {
    expect(links('page=9', { page: 9, totalPages: 3 })).toMatchObject({ first: '?' });
  });

  it('links to the next page by cursor, with the same limit, from a numbered page that was cut', () => {
    const cut = { limit: 5, page: 2, totalPages: 4, hasMore: true, nextCursor: 'c' };

    expect(linksOf(new URLSearchParams('limit=5&page=2&type=system'), cut, 3).next).toBe(
      '?limit=5&type=system&cursor=c',
    );
    expect(linksOf(new URLSearchParams('limit=5&page=2'), cut, 5).next).toBe('?limit=5&page=3');
  });

  it('links to the next page by cursor, and to the first', () => {
    expect(links('limit=2&cursor=a', { nextCursor: 'b&' })).toMatchObject({
      first: '?limit=2',
      next: '?limit=2&cursor=b%26',
    });
  });
});
