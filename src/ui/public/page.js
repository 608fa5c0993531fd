// What both pages use.

/** Makes an element. Values become text and attributes, never markup; functions listen to the event they are named by. */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== false));
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

export const byId = (id) => document.getElementById(id);

/** The path of a session. Its id may have any visible ASCII characters. */
export const pathOf = (sessionId) => `/sessions/${encodeURIComponent(sessionId)}`;

/** Reads JSON from the API. Throws an Error with the service's sentence, its `status` and `requestId`. */
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
  both: new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' }),
};

/** A time in the reader's zone (`clock`, `day` or `both`); in UTC when pointed at. */
export function timeView(iso, format) {
  return h('time', { datetime: iso, title: `${iso} (UTC)` }, FORMATS[format].format(new Date(iso)));
}

/** A time span as a watch counts: 0:05, 1:02:03. Never negative. */
export function span(ms) {
  const all = Math.max(0, Math.floor(ms / 1000));
  const two = (number) => String(number).padStart(2, '0');
  const [hours, minutes, seconds] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

export const badge = (status) => h('span', { class: `badge ${status}` }, status);

/** What the page shows instead, when it can't show what was asked for. */
export function failure(error, title, ...help) {
  return h(
    'section',
    { class: 'failure', role: 'alert' },
    h('h2', null, title),
    h('p', null, error.message),
    ...help,
    error.requestId && h('p', { class: 'soft' }, 'Request ', h('code', null, error.requestId)),
  );
}
