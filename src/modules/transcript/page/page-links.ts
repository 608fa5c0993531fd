import { type Pagination } from '../dto/transcript.dto.js';

/** The links of a page, relative to it (`?page=2`). */
export interface PageLinks {
  readonly first?: string;
  readonly previous?: string;
  readonly next?: string;
  /** The same events in reverse order. */
  readonly reversed: string;
  /** All events, if this page is filtered. */
  readonly all?: string;
}

/** The link to the page of a single event, which shows more of it; its JSON shows all of it. */
export function aloneLink(sequence: number): string {
  return `?afterSequence=${sequence - 1}&limit=1&sort=sequence`;
}

const FILTERS = ['type', 'from', 'to', 'afterSequence'];

/** Whether a page shows the last events, oldest first, so that new ones can be appended. */
export function isAtEnd(query: URLSearchParams, { page, totalPages = 0, hasMore }: Pagination): boolean {
  const isWhole = query.get('order') !== 'desc' && !FILTERS.some((name) => query.has(name));
  return isWhole && page === Math.max(1, totalPages) && !hasMore;
}

/**
 * The links of a page, from its (valid) query: filters, sort and limit are kept. Numbered pages link to numbered pages
 * in both directions; a page by cursor links to the next one and to the first. So does a numbered page that is cut for
 * its size, since the next number would leave some events out.
 *
 * @param shown the number of events on the page.
 */
export function linksOf(
  query: URLSearchParams,
  { page, limit, totalPages = 0, nextCursor }: Pagination,
  shown = limit,
): PageLinks {
  const to = (changes: Readonly<Record<string, string | undefined>>) => {
    const target = new URLSearchParams(query);
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined) target.delete(name);
      else target.set(name, value);
    }
    return `?${target.toString()}`;
  };
  const numbered = (number: number) => to({ page: String(number), cursor: undefined });
  const start = { page: undefined, cursor: undefined };
  const byCursor = nextCursor !== null && (page === undefined || shown < limit);
  const nextOfCursor = byCursor ? to({ page: undefined, cursor: nextCursor }) : undefined;
  const next = !byCursor && page !== undefined && page < totalPages ? numbered(page + 1) : nextOfCursor;
  return {
    ...((page === undefined || page > Math.max(1, totalPages)) && { first: to(start) }),
    ...(page !== undefined && page > 1 && page - 1 <= totalPages && { previous: numbered(page - 1) }),
    ...(next !== undefined && { next }),
    reversed: to({ ...start, order: query.get('order') === 'desc' ? undefined : 'desc' }),
    ...(FILTERS.some((name) => query.has(name)) && {
      all: to({ ...start, ...Object.fromEntries(FILTERS.map((name) => [name, undefined])) }),
    }),
  };
}
