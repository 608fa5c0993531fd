import { markup } from './markup.js';
import { type Page } from './page.js';

export interface ErrorPageContent {
  readonly statusCode: number;
  readonly error: string | undefined;
  readonly message: string | readonly string[];
  readonly requestId: string;
}

/** An error as a browser gets it, with the same words as the JSON. */
export function errorPage({ statusCode, error = '', message, requestId }: ErrorPageContent): Page {
  const sentences = typeof message === 'string' ? [message] : message;
  return {
    title: `${statusCode} ${error}`,
    body: markup`<main>
      <p class="eyebrow">${statusCode}</p>
      <h1>${error}</h1>
      ${sentences.map((sentence) => markup`<p>${sentence}</p>`)}
      <p class="soft">Request <code>${requestId}</code></p>
      <p><a href="/">Conversation Session Service</a></p>
    </main>`,
  };
}
