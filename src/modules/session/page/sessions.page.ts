import { type Request } from 'express';
import { markup, type Markup } from '../../../pages/markup.js';
import { type Page } from '../../../pages/page.js';
import { clockOf, dateOf, span } from '../../../pages/times.js';
import { type SessionListResponse } from '../dto/session.dto.js';
import { SESSION_STATUSES } from '../session-status.js';
import { SESSIONS_CSS } from './sessions.css.js';

/** The list of sessions as HTML: one line per session, with a link to its transcript. */
export function sessionsPage({ sessions, pagination }: SessionListResponse, request: Request): Page {
  const query = new URLSearchParams(request.query as Record<string, string>);
  const { nextCursor } = pagination;
  return {
    title: 'Conversations',
    css: SESSIONS_CSS,
    body: markup`<main>
      <p class="eyebrow"><a href="/">Conversation Session Service</a></p>
      <h1>Conversations</h1>
      ${statusesView(query)}
      ${sessions.length > 0 ? markup`<ol>${sessions.map(sessionView)}</ol>` : emptyView(query)}
      <nav aria-label="Pages">
        ${query.has('cursor') && markup`<a href="${linkTo(query, {})}">← First page</a>`}
        ${nextCursor !== null && markup`<a href="${linkTo(query, { cursor: nextCursor })}" rel="next">Next page →</a>`}
      </nav>
      <footer>
        ${markup`<a href="${linkTo(query, { order: query.get('order') === 'asc' ? undefined : 'asc' })}"
          >${query.get('order') === 'asc' ? 'Newest first' : 'Oldest first'}</a
        >`}
      </footer>
    </main>`,
  };
}

function statusesView(query: URLSearchParams): Markup {
  const current = query.get('status') ?? undefined;
  return markup`<nav class="statuses" aria-label="Status">
    ${[undefined, ...SESSION_STATUSES].map(
      (status) =>
        markup`<a href="${linkTo(query, { status })}" ${status === current && markup`aria-current="true"`}
          >${status ?? 'all'}</a
        >`,
    )}
  </nav>`;
}

function sessionView({
  sessionId,
  status,
  language,
  startedAt,
  endedAt,
}: SessionListResponse['sessions'][number]) {
  return markup`<li>
    <div class="line">
      <a href="/sessions/${encodeURIComponent(sessionId)}"><bdi>${sessionId}</bdi></a>
      <span class="badge ${status}">${status}</span>
    </div>
    <div class="soft">
      <time datetime="${startedAt.toISOString()}">${dateOf(startedAt)}, ${clockOf(startedAt)} UTC</time>
      ${endedAt !== null && markup`· ${span(startedAt, endedAt)}`} · ${language}
    </div>
  </li>`;
}

function emptyView(query: URLSearchParams): Markup {
  return query.size > 0
    ? markup`<p class="empty">None here. <a href="/sessions">Show all</a></p>`
    : markup`<p class="empty">None yet. <a href="/">How to record the first</a></p>`;
}

/** A link with the same query and these parameters changed: to the first page or, with a cursor, to the next. */
function linkTo(query: URLSearchParams, changes: Readonly<Record<string, string | undefined>>): string {
  const target = new URLSearchParams(query);
  target.delete('cursor');
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) target.delete(name);
    else target.set(name, value);
  }
  return target.size > 0 ? `/sessions?${target.toString()}` : '/sessions';
}
