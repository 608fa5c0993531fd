import { type EndStatus, type EventType } from '../types.js';
import { Conversation, type Converted, type ConvertOptions } from './conversation.js';
import * as read from './read.js';

/** A form that Twilio sends about a call: of a voice webhook, a `Gather`, a status callback or a transcription. */
export type TwilioRequest = Readonly<Record<string, string>>;

export interface TwilioOptions extends ConvertOptions {
  /** The header `I-Twilio-Idempotency-Token` of a single request: its retries have the same. */
  readonly idempotencyToken?: string | undefined;
}

const ENDS: Readonly<Record<string, EndStatus>> = {
  completed: 'completed',
  busy: 'failed',
  failed: 'failed',
  'no-answer': 'failed',
  canceled: 'failed',
};

/**
 * Converts one request of Twilio, as it comes, or all that were kept of one call, in their order. A result of `Gather` has
 * no number of its own: where it comes alone, only the token tells a retry from a second turn.
 *
 * @throws FormatError
 */
export function fromTwilio(
  input: TwilioRequest | readonly TwilioRequest[],
  options: TwilioOptions = {},
): Converted {
  const requests = [input].flat();
  const first = (name: string) => requests.map((request) => request[name]).find(Boolean);
  const callSid = first('CallSid');
  const last = requests.findLast(({ CallStatus = '' }) => CallStatus in ENDS);
  const conversation = new Conversation(options, startOf(last), 'CallDuration');
  conversation.each(requests, '', (request, place) => {
    if (request.CallSid !== callSid) throw new read.FormatError(`${place}.CallSid`, 'is of another call');
    const id = idOf(request) ?? options.idempotencyToken;
    if (id === undefined && !Array.isArray(input)) {
      throw new read.FormatError('', 'Nothing tells this request from others: give its idempotencyToken');
    }
    const time = read.time(request.Timestamp, `${place}.Timestamp`);
    return { id, type: typeOf(request), payload: request, time };
  });
  return conversation.finish('CallSid', {
    sessionId: callSid,
    language: first('Language') ?? first('LanguageCode'),
    endedAt: conversation.try(() => read.time(last?.['Timestamp'], 'Timestamp')),
    status: ENDS[last?.['CallStatus'] ?? ''],
    metadata: { provider: 'twilio', from: first('From'), to: first('To'), direction: first('Direction') },
  });
}

/** When a call began that ended with this request, in milliseconds. */
function startOf({ Timestamp: end = '', CallDuration: seconds }: TwilioRequest = {}): number | undefined {
  return Date.parse(end) - Number(seconds) * 1000 || undefined;
}

/** The number of a transcription or of a status callback. A partial result has one too, which begins anew each time. */
function idOf(request: read.Fields): string | undefined {
  const { TranscriptionSid: sid, SequenceId: id, SequenceNumber: number } = request;
  if (sid !== undefined && id !== undefined) return `${sid as string}-${id as string}`;
  const isPartial = 'StableSpeechResult' in request || 'UnstableSpeechResult' in request;
  return number === undefined || isPartial ? undefined : `status-${number as string}`;
}

function typeOf({ SpeechResult, Digits, TranscriptionData, Final, Track }: read.Fields): EventType {
  if (SpeechResult) return 'user_speech';
  if (Digits) return 'dtmf';
  // What is not final is said again under another number when it is.
  if (!TranscriptionData || Final === 'false') return 'system';
  return Track === 'outbound_track' ? 'bot_speech' : 'user_speech';
}
