/** Styles of a transcript, in addition to those of all pages: caller left, bot right, system in between. */
export const TRANSCRIPT_CSS = `
header { margin-bottom: 2.25rem; }
.head { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem .75rem; }
.facts { display: flex; flex-wrap: wrap; gap: .35rem 2rem; margin: 1rem 0 0; }
.facts dt { color: var(--soft); font-size: .8125rem; line-height: 1.4; }
.facts dd { margin: 0; font-variant-numeric: tabular-nums; }
.metadata { display: grid; grid-template-columns: fit-content(14rem) 1fr; align-items: baseline; gap: .2rem 1.25rem; margin: 1.1rem 0 0; }
.metadata dt { color: var(--soft); overflow-wrap: anywhere; }
.metadata dd { margin: 0; min-width: 0; overflow-wrap: anywhere; white-space: pre-wrap; }

ol { margin: 0; padding: 0; list-style: none; }
.day, .end { display: flex; align-items: center; gap: 1rem; margin: 1.75rem 0 1.25rem; color: var(--soft); font-size: .8125rem; text-align: center; }
.day::before, .day::after, .end::before, .end::after { content: ''; flex: 1; min-width: 1rem; border-top: 1px solid var(--line); }
.event { margin: 0 0 1.15rem; scroll-margin-top: 2rem; }
.who { display: flex; flex-wrap: wrap; align-items: baseline; column-gap: .6rem; margin: 0 .25rem .25rem; font-size: .8125rem; color: var(--soft); font-variant-numeric: tabular-nums; }
.who b { color: var(--ink); font-weight: 600; }
.who a { color: inherit; text-decoration: none; }
.who a:hover { text-decoration: underline; }
.say { width: fit-content; max-width: 100%; padding: .6rem .95rem; background: var(--surface); border: 1px solid var(--line); border-radius: 1rem; }
.say p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.say p + .more { margin-top: .4rem; }
.user_speech { margin-right: 14%; }
.user_speech .say { border-top-left-radius: .25rem; }
.bot_speech { margin-left: 14%; }
.bot_speech .who { justify-content: flex-end; }
.bot_speech .say { margin-left: auto; background: var(--accent-wash); border-color: transparent; border-top-right-radius: .25rem; }
.system { margin-left: 7%; margin-right: 7%; text-align: center; }
.system { margin-bottom: .9rem; }
.system .who { justify-content: center; margin-bottom: 0; }
.system .who b { color: inherit; font-weight: 400; }
.system .say { margin: 0 auto; padding: .2rem .5rem; background: none; border: 0; color: var(--soft); font-size: .9375rem; }
.system details.more { text-align: left; }
.late .say { border: 1px dashed var(--warn); background: var(--surface); }
.system.late .say { padding: .4rem .9rem; }
.late .badge { margin-bottom: .2rem; background: var(--warn-wash); color: var(--warn); font-size: .75rem; }
.event:target .say { outline: 2px solid var(--accent); outline-offset: 2px; }
.more { color: var(--soft); }
.more code { overflow-wrap: anywhere; white-space: pre-wrap; }
summary { cursor: pointer; width: fit-content; max-width: 100%; font-size: .8125rem; overflow-wrap: anywhere; }
details pre { margin-top: .35rem; max-height: 28rem; overflow-y: auto; color: var(--ink); }
.live { margin: 1.75rem 0 0; text-align: center; color: var(--soft); font-size: .8125rem; }
.live::before { content: ''; display: inline-block; width: .5rem; height: .5rem; margin-right: .5rem; border-radius: 50%; background: var(--good); }
.empty { padding: 2rem 0; text-align: center; color: var(--soft); }

nav { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: .5rem 1.25rem; margin-top: 2.25rem; padding-top: 1rem; border-top: 1px solid var(--line); font-variant-numeric: tabular-nums; }
nav a { padding: .35rem 0; }
footer { margin-top: 1.25rem; font-size: .8125rem; color: var(--soft); }
footer a { color: inherit; }
footer code { overflow-wrap: anywhere; }
@media (max-width: 30rem) {
  body { padding: 1.5rem 1rem 3rem; }
  h1 { font-size: 1.25rem; }
  .user_speech { margin-right: 6%; } .bot_speech { margin-left: 6%; }
  .system { margin-left: 0; margin-right: 0; }
  .metadata { grid-template-columns: minmax(3rem, 30%) 1fr; gap: .2rem .75rem; }
}
`;
