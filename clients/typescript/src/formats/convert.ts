import { fromContactLens } from './contact-lens.js';
import { type Converted, type ConvertOptions } from './conversation.js';
import { fromElevenLabs } from './elevenlabs.js';
import { fromLiveKit } from './livekit.js';
import { fromOpenAIRealtime } from './openai-realtime.js';
import * as read from './read.js';
import { fromRetell } from './retell.js';
import { fromTwilio } from './twilio.js';
import { fromVapi } from './vapi.js';
import { fromVcon } from './vcon.js';

interface Format {
  /** What it is called in messages. */
  readonly title: string;
  /** Whether an object is of this format, by fields that others do not have. */
  readonly is: (value: read.Fields) => boolean;
  /** Of a conversation that is a list of objects: what they have in common. */
  readonly listedBy?: (value: read.Fields) => unknown;
  readonly convert: (input: never, options: ConvertOptions) => Converted;
}

const FORMATS = {
  vapi: {
    title: 'an end-of-call report or a call of Vapi',
    is: (value) => {
      const report = read.fields(value.message ?? value);
      return report.type === 'end-of-call-report' || ('orgId' in report && 'id' in report);
    },
    convert: fromVapi,
  },
  retell: {
    title: 'a call of Retell',
    is: (value) => 'call_id' in read.fields(value.call ?? value),
    convert: fromRetell,
  },
  elevenlabs: {
    title: 'a conversation of ElevenLabs',
    is: (value) => 'conversation_id' in read.fields(value.data ?? value),
    convert: fromElevenLabs,
  },
  livekit: { title: 'a history of LiveKit', is: ({ items }) => Array.isArray(items), convert: fromLiveKit },
  'openai-realtime': {
    title: 'a server event of OpenAI Realtime',
    is: (value) => 'event_id' in value && 'type' in value,
    listedBy: () => 'one session',
    convert: fromOpenAIRealtime,
  },
  twilio: {
    title: 'a request of Twilio about a call',
    is: (value) => 'CallSid' in value,
    listedBy: ({ CallSid }) => CallSid,
    convert: fromTwilio,
  },
  'contact-lens': {
    title: 'an analysis by Contact Lens',
    is: (value) => 'Segments' in value || 'CustomerMetadata' in value,
    listedBy: ({ CustomerMetadata }) => CustomerMetadata,
    convert: fromContactLens,
  },
  vcon: {
    title: 'a vCon',
    is: (value) => 'vcon' in value || ('uuid' in value && 'parties' in value),
    convert: fromVcon,
  },
} as const satisfies Readonly<Record<string, Format>>;

export type FormatName = keyof typeof FORMATS;

/** The formats that can be converted, by the names of their providers. */
export const FORMAT_NAMES = Object.keys(FORMATS) as readonly FormatName[];

/** The format of a provider's object, if it is one of them. */
export function detectFormat(value: unknown): FormatName | undefined {
  return FORMAT_NAMES.find((name) => FORMATS[name].is(read.fields(value)));
}

/**
 * Converts what a file of a provider contains, one object or a list of them, into its conversations.
 *
 * @param input parsed JSON.
 * @throws FormatError also where it is of another format.
 */
export function convert(name: FormatName, input: unknown, options: ConvertOptions = {}): Converted[] {
  const format: Format = FORMATS[name];
  const values = [input].flat();
  const groups = new Map<unknown, read.Fields[]>();
  for (const [index, value] of values.entries()) {
    const place = Array.isArray(input) ? `[${index}]` : '';
    const fields = read.fields(value);
    if (!format.is(fields))
      throw new read.FormatError(place, `expected ${format.title}, found ${nameOf(value)}`);
    const key = format.listedBy ? format.listedBy(fields) : place;
    groups.set(key, [...(groups.get(key) ?? []), fields]);
  }
  if (groups.size === 0) throw new read.FormatError('', `expected ${format.title}, found an empty list`);
  if (groups.size > 1 && options.sessionId !== undefined) {
    throw new read.FormatError('', `found ${groups.size} conversations for one session id`);
  }
  return [...groups].map(([key, group]) =>
    format.listedBy
      ? format.convert(group as never, options)
      : within(key as string, () => format.convert(group[0] as never, options)),
  );
}

/** Puts the place of an object in a list before the places in it. */
function within(outer: string, convertOne: () => Converted): Converted {
  const placed = (place: string) => (outer === '' ? place : `${outer}.${place}`);
  try {
    const converted = convertOne();
    const faults = converted.faults.map(({ place, problem }) => ({ place: placed(place), problem }));
    return { ...converted, faults };
  } catch (error) {
    throw error instanceof read.FormatError
      ? new read.FormatError(placed(error.place), error.problem)
      : error;
  }
}

function nameOf(value: unknown): string {
  const name = detectFormat(value);
  if (name) return FORMATS[name].title;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `something with the fields ${Object.keys(value).slice(0, 5).join(', ')}`;
}
