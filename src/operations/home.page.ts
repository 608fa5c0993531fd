import { type Request } from 'express';
import { markup } from '../pages/markup.js';
import { type Page } from '../pages/page.js';
import { type About } from '../config/about.js';

const LABELS: Readonly<Record<keyof About['links'], readonly [string, string]>> = {
  sessions: ['Conversations', 'newest first'],
  docs: ['API documentation', 'every request and response, to try out'],
  openapi: ['OpenAPI description', 'for generators and tools'],
  live: ['Liveness', 'does the process answer?'],
  ready: ['Readiness', 'does the store answer?'],
  metrics: ['Metrics', 'for Prometheus'],
};

const CSS = `
.links { margin: 1.75rem 0; padding: 0; list-style: none; }
.links li { padding: .6rem 0; border-top: 1px solid var(--line); display: flex; flex-wrap: wrap; column-gap: .75rem; }
.links a { min-width: 12rem; font-weight: 550; }
.commands { white-space: pre; overflow-x: auto; }
pre + p { margin-top: 1.25rem; }
@media (max-width: 30rem) { .links a { min-width: 100%; } }
`;

/** The page that a browser gets at `/`. */
export function homePage({ version, description, links }: About, request: Request): Page {
  const base = `${request.protocol}://${request.get('host') ?? 'localhost'}`;
  const items = Object.entries(LABELS).map(
    ([key, [label, about]]) =>
      markup`<li>
        <a href="${links[key as keyof About['links']]}">${label}</a> <span class="soft">${about}</span>
      </li>`,
  );
  return {
    title: 'Conversation Session Service',
    css: CSS,
    body: markup`<main>
      <p class="eyebrow">Version ${version}</p>
      <h1>Conversation Session Service</h1>
      <p>${description}</p>
      <ul class="links">
        ${items}
      </ul>
      <p>Record a first conversation:</p>
      <pre class="commands card">${firstSteps(base)}</pre>
      <p>Then open it <a href="/sessions">among the conversations</a>, or read it with curl as JSON.</p>
    </main>`,
  };
}

function firstSteps(base: string): string {
  const post = (path: string, body: string) =>
    `curl ${base}${path} \\\n  -H 'Content-Type: application/json' \\\n  -d '${body}'`;
  return [
    post('/sessions', '{"sessionId":"my-first","language":"en"}'),
    post('/sessions/my-first/events', '{"eventId":"1","type":"user_speech","payload":{"text":"Hello?"}}'),
    post(
      '/sessions/my-first/events',
      '{"eventId":"2","type":"bot_speech","payload":{"text":"How can I help?"}}',
    ),
    `curl -X POST ${base}/sessions/my-first/complete`,
  ].join('\n');
}
