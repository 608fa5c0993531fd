import { type Request } from 'express';
import { markup } from '../pages/markup.js';
import { type Page } from '../pages/page.js';
import { type About } from '../config/about.js';

const LABELS: Readonly<Record<keyof About['links'], readonly [string, string]>> = {
  sessions: ['Conversations', 'newest first'],
  docs: ['API documentation', 'every request and answer, to try out'],
  openapi: ['OpenAPI description', 'for generators and tools'],
  live: ['Liveness', 'does the process answer?'],
  ready: ['Readiness', 'does the store answer?'],
  metrics: ['Metrics', 'for Prometheus'],
};

const CSS = `
.links { margin: 1.75rem 0; padding: 0; list-style: none; }
.links li { padding: .6rem 0; border-top: 1px solid var(--line); display: flex; flex-wrap: wrap; column-gap: .75rem; }
.links a { min-width: 12rem; font-weight: 550; }
pre + p { margin-top: 1.25rem; }
`;

/** The page a browser gets at `/`. */
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
      <pre class="card">${firstSteps(base)}</pre>
      <p>Then open it <a href="/sessions">among the conversations</a>, or read it with curl as JSON.</p>
    </main>`,
  };
}

function firstSteps(base: string): string {
  return `curl ${base}/sessions -H 'Content-Type: application/json' -d '{"sessionId":"my-first","language":"en"}'
curl ${base}/sessions/my-first/events -H 'Content-Type: application/json' -d '{"eventId":"1","type":"user_speech","payload":{"text":"Hello?"}}'
curl ${base}/sessions/my-first/events -H 'Content-Type: application/json' -d '{"eventId":"2","type":"bot_speech","payload":{"text":"Hello! How can I help?"}}'
curl -X POST ${base}/sessions/my-first/complete`;
}
