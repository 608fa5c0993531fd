import { type Pagination } from '../dto/transcript-response.dto.js';

/** The links of a page, each relative to it (`?page=2`). */
export interface PageLinks {
  readonly first?: string;
  readonly previous?: string;
  readonly next?: string;
  /** The same events the other way round. */
  readonly reversed: string;
  /** All events, if this page is filtered. */
  readonly all?: string;
}

/** The page of a single event, which shows more of it; its JSON is the whole of it. */
export function aloneLink(sequence: number): string {
  return `?afterSequence=${sequence - 1}&limit=1&sort=sequence`;
}

const FILTERS = ['type', 'from', 'to', 'afterSequence'];

/** Whether a page shows the last events, oldest first, so that new ones can be added to it. */
export function isAtEnd(query: URLSearchParams, { page, totalPages = 0, hasMore }: Pagination): boolean {
  const isWhole = query.get('order') !== 'desc' && !FILTERS.some((name) => query.has(name));
  return isWhole && page === Math.max(1, totalPages) && !hasMore;
}

/**
 * The links of a page, from the query that it was asked for with, which was valid: filters, sort and limit go along.
 * Numbered pages lead to numbered ones, both ways; a cursor only leads on, and back to the first page. So does a numbered
 * page that has fewer events than its limit although more follow, for being large: the next number would leave some out.
 *
 * @param shown events that are on the page.
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
