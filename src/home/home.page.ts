import { type About } from './about.js';

const LABELS: Readonly<Record<keyof About['links'], string>> = {
  docs: 'API documentation, to try out',
  openapi: 'OpenAPI description',
  live: 'Is the process alive?',
  ready: 'Is it ready to serve?',
};

/** The page a browser gets at `/`. All of it is the service's own text, so nothing needs escaping. */
export function renderHome({ name, version, description, links }: About): string {
  const items = Object.entries(LABELS).map(
    ([key, label]) => `<li><a href="${links[key as keyof About['links']]}">${label}</a></li>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${name}</title>
<style>
  :root { color-scheme: light dark; font: 1rem/1.6 system-ui, sans-serif; }
  body { max-width: 40rem; margin: 10vh auto; padding: 0 1.5rem; }
  h1 { font-size: 1.5rem; line-height: 1.25; }
  small { font-weight: normal; opacity: .65; }
  pre { overflow: auto; padding: .75rem 1rem; border: 1px solid; border-radius: .5rem; opacity: .85; }
</style>
<h1>Conversation Session Service <small>${version}</small></h1>
<p>${description}</p>
<ul>${items.join('')}</ul>
<pre>curl -X POST http://localhost:3000/sessions \\
  -H 'Content-Type: application/json' \\
  -d '{"sessionId":"my-first","language":"en"}'</pre>
</html>
`;
}
