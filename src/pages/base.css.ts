/** Styles of all pages, light and dark. All texts have a contrast of at least 4.5 in both. */
export const BASE_CSS = `
:root {
  color-scheme: light dark;
  --paper: #f6f5f2; --surface: #fff; --line: #dedbd3; --ink: #1c1e21; --soft: #62625d;
  --accent: #1f5fa8; --accent-wash: #e3edf8; --good: #1c6b42; --good-wash: #e0f1e6;
  --bad: #a5302a; --bad-wash: #fbe6e3; --warn: #84540a; --warn-wash: #faedd0;
  font: 100%/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #131517; --surface: #1e2124; --line: #34383d; --ink: #e7e5e0; --soft: #9d9c96;
    --accent: #8dbcf0; --accent-wash: #1b2f45; --good: #7fd1a2; --good-wash: #163224;
    --bad: #f2a099; --bad-wash: #432120; --warn: #e5ba6b; --warn-wash: #3b2d12;
  }
}
* { box-sizing: border-box; }
body { margin: 0; padding: 2.5rem 1.25rem 4rem; background: var(--paper); color: var(--ink); }
main { max-width: 46rem; margin: 0 auto; }
h1 { margin: 0; font-size: 1.5rem; line-height: 1.25; font-weight: 650; letter-spacing: -.01em; overflow-wrap: anywhere; }
p { margin: .75rem 0; }
a { color: var(--accent); text-decoration-color: color-mix(in srgb, currentColor 40%, transparent); text-underline-offset: .18em; }
a:hover { text-decoration-color: currentColor; }
code, pre { font: .8125rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace; }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.soft { color: var(--soft); }
.eyebrow { margin: 0 0 .35rem; color: var(--soft); font-size: .8125rem; }
.eyebrow a { color: inherit; }
.card { padding: .85rem 1rem; background: var(--surface); border: 1px solid var(--line); border-radius: .75rem; }
.badge { padding: .1rem .6rem; border-radius: 1rem; font-size: .8125rem; font-weight: 600; line-height: 1.5; white-space: nowrap; background: var(--line); color: var(--ink); }
.active { background: var(--accent-wash); color: var(--accent); }
.completed { background: var(--good-wash); color: var(--good); }
.failed { background: var(--bad-wash); color: var(--bad); }
`;
