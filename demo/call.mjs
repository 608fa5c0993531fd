// The recorded call: 30 events of a phone call with a voice assistant, and how they are printed.

import { readFileSync } from 'node:fs';
import { cut, cyan, dim, line, magenta, pad, red, room, yellow } from './terminal.mjs';

const recording = readFileSync(new URL('call.ndjson', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((text) => JSON.parse(text));

/** The duration of the call. */
export const durationMs = recording.at(-1).offsetMs;

/** The call's events, as if it had begun at `start`. */
export function eventsFrom(start) {
  return recording.map(({ offsetMs, ...event }) => ({
    ...event,
    timestamp: new Date(start + offsetMs).toISOString(),
  }));
}

const SPEAKERS = { user_speech: cyan('caller'), bot_speech: magenta('bot'), system: dim('system') };

/** Prints stored events: their sequence, time, speaker and text. */
export function printEvents(events, start) {
  for (const { sequence, timestamp, type, payload, late } of events) {
    const at = formatOffset(Date.parse(timestamp) - start);
    const mark = late ? ` ${red('late')}` : '';
    const text = cut(describe(payload), room(late ? 30 : 25));
    const style = type === 'system' ? dim : (plain) => plain;
    line(
      `  ${yellow(String(sequence).padStart(3))}  ${dim(at)}  ${pad(SPEAKERS[type], 8)}${style(text)}${mark}`,
    );
  }
}

function formatOffset(ms) {
  const seconds = ms / 1000;
  const rest = (seconds % 60).toFixed(1).padStart(4, '0');
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${rest}`;
}

function describe({ text, confidence, event, tool, arguments: input, result, latencyMs, ...others }) {
  if (text !== undefined) return confidence === undefined ? text : `${text}  (${confidence})`;
  if (event === 'tool_call') return `→ ${tool} ${JSON.stringify(input)}`;
  if (event === 'tool_result') return `← ${tool} in ${latencyMs} ms ${JSON.stringify(result)}`;
  const details = Object.entries({ confidence, ...others })
    .filter(([, value]) => value !== undefined && typeof value !== 'object')
    .map(([name, value]) => `${name} ${value}`);
  return [event, ...details].join(' · ');
}
