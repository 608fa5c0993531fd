import { type JsonObject } from '../../../http/json.js';
import { markup, type Markup } from '../../../pages/markup.js';

/** Up to this many characters stand on one line. */
const LINE = 72;

/** Shows what is not text: on a line where it is short, else behind a line that names its fields. */
export function jsonView(object: JsonObject): Markup | undefined {
  const keys = Object.keys(object);
  if (keys.length === 0) return undefined;
  const text = formatJson(object);
  return text.includes('\n')
    ? markup`<details class="more">
        <summary>${keys.join(', ')}</summary>
        <pre>${text}</pre>
      </details>`
    : markup`<div class="more"><code>${text}</code></div>`;
}

/** JSON for people: what fits stays on one line, the rest is broken up and indented. */
export function formatJson(value: unknown, indent = ''): string {
  const flat = JSON.stringify(value);
  if (typeof value !== 'object' || value === null || flat.length + indent.length <= LINE)
    return spaced(value);
  const inner = `${indent}  `;
  const lines = Array.isArray(value)
    ? value.map((item) => formatJson(item, inner))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${formatJson(item, inner)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${lines.map((line) => inner + line).join(',\n')}\n${indent}${close}`;
}

function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${spaced(item)}`);
  return fields.length > 0 ? `{ ${fields.join(', ')} }` : '{}';
}
