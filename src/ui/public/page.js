// What both pages use.

export const byId = (id) => document.getElementById(id);

/** Makes an element. Values become text and attributes, never markup; a function listens to the event it is named by. */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child));
  return element;
}

/** Makes these the children of an element, touching only what changes: focus and scroll position stay. */
export function setChildren(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of Array.from(parent.children)) if (!wanted.has(child)) child.remove();
  let place = parent.firstElementChild;
  for (const node of nodes) {
    if (node === place) place = place.nextElementSibling;
    else parent.insertBefore(node, place);
  }
}

/** The path of a session, whose id may have any visible ASCII character. */
export const pathOf = (sessionId) => `/sessions/${encodeURIComponent(sessionId)}`;

/** Reads JSON from the API. Throws an Error with the service's sentence, its `status` and its `requestId`. */
export async function getJson(path) {
  const response = await fetch(path, { headers: { Accept: 'application/json' } }).catch(() => {
    throw new Error('The service can’t be reached.');
  });
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  const message = [body.message ?? `The service answered ${response.status}.`].flat().join('. ');
  throw Object.assign(new Error(message), { status: response.status, requestId: body.requestId });
}

const FORMATS = {
  clock: new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' }),
  day: new Intl.DateTimeFormat('en-GB', { dateStyle: 'full' }),
  minute: new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' }),
};

/** A time in the reader's zone, to the `clock`, `day` or `minute`; in UTC when pointed at. */
export function timeView(iso, format) {
  return h('time', { datetime: iso, title: `${iso} (UTC)` }, FORMATS[format].format(new Date(iso)));
}

/** Milliseconds as a watch counts: 0:05, 1:02:03; from two days on in days. Never negative. */
export function span(ms) {
  const [hours, minutes, seconds] = [3_600_000, 60_000, 1000].map((unit) =>
    Math.floor(Math.max(0, ms) / unit),
  );
  if (hours >= 48) return `${Math.floor(hours / 24)} d`;
  const clock = [minutes % 60, seconds % 60].map((part) => String(part).padStart(2, '0')).join(':');
  return hours > 0 ? `${hours}:${clock}` : clock.replace(/^0/, '');
}

/** How long a session took, or has taken until now. */
export function sessionDuration({ startedAt, endedAt }) {
  return span((endedAt ? Date.parse(endedAt) : Date.now()) - Date.parse(startedAt));
}

/** What is shown instead of what could not be loaded. */
export function failure(error, title, help) {
  const request = error.requestId && h('p', { class: 'soft' }, `Request ${error.requestId}`);
  return h(
    'section',
    { role: 'alert' },
    h('h1', null, title),
    h('p', null, error.message),
    h('p', null, help),
    request,
  );
}
