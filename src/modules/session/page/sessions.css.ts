/** Styles of the list of sessions, in addition to those of all pages. */
export const SESSIONS_CSS = `
ol { margin: 1.25rem 0 0; padding: 0; list-style: none; }
li { padding: .7rem 0; border-top: 1px solid var(--line); font-variant-numeric: tabular-nums; }
li .soft { font-size: .875rem; }
.line { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: .25rem .75rem; }
.line a { min-width: 0; overflow-wrap: anywhere; font-weight: 550; }
nav { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .5rem 1.25rem; margin-top: 1.25rem; }
.statuses { justify-content: flex-start; gap: .4rem; }
.statuses a { padding: .2rem .75rem; border: 1px solid var(--line); border-radius: 1rem; text-decoration: none; font-size: .875rem; }
.statuses a[aria-current] { background: var(--accent-wash); border-color: transparent; font-weight: 600; }
.empty { padding: 2rem 0; text-align: center; color: var(--soft); }
footer { margin-top: 1.25rem; font-size: .8125rem; }
footer a { color: var(--soft); }
`;
