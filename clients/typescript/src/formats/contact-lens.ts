import { type EventType } from '../types.js';
import { Conversation, type Converted, type ConvertOptions } from './conversation.js';
import * as read from './read.js';

/** What `ListRealtimeContactAnalysisSegments` answers. */
export interface ContactLensSegments {
  readonly Segments?: readonly object[] | undefined;
}

/** The file of the analysis after a contact. */
export interface ContactLensFile {
  readonly Transcript: readonly { readonly Content?: string; readonly BeginOffsetMillis?: number }[];
}

const TYPES: Readonly<Record<string, EventType>> = { AGENT: 'agent_speech', CUSTOMER: 'user_speech' };

/**
 * Converts Amazon Connect's analysis of a contact: the answers with its segments, or the file after it. Their times are
 * offsets from a start that they do not have: see `startedAt`. Segments have no id of the contact: see `sessionId`.
 *
 * @throws FormatError
 */
export function fromContactLens(
  input: readonly ContactLensSegments[] | ContactLensSegments | ContactLensFile,
  options: ConvertOptions = {},
): Converted {
  const conversation = new Conversation(options);
  const answers = [input].flat();
  const found = answers.find((answer) => 'Transcript' in answer);
  const isFile = found !== undefined;
  const file = read.fields(found);
  const participants = read.list(file.Participants, 'Participants').map(read.fields);
  const roles = new Map(
    participants.map(({ ParticipantId, ParticipantRole }) => [ParticipantId, ParticipantRole]),
  );
  const segments = answers.flatMap((answer) => read.list(read.fields(answer).Segments, 'Segments'));
  let end = 0;
  conversation.each(
    isFile ? file.Transcript : segments,
    isFile ? 'Transcript' : 'Segments',
    (segment, at) => {
      const [turn, place] = isFile ? [segment, at] : [read.fields(segment.Transcript), `${at}.Transcript`];
      const { Id, ParticipantId, ParticipantRole = roles.get(ParticipantId) ?? ParticipantId } = turn;
      end = Math.max(end, Number(turn.EndOffsetMillis) || 0);
      return {
        id: Id,
        type: TYPES[String(ParticipantRole)] ?? 'system',
        payload: segment,
        text: isFile ? turn.Content : undefined,
        time: conversation.after(seconds(turn.BeginOffsetMillis), `${place}.BeginOffsetMillis`),
      };
    },
  );
  return conversation.finish('CustomerMetadata.ContactId', {
    sessionId: read.fields(file.CustomerMetadata).ContactId,
    language: file.LanguageCode,
    endedAt: isFile ? conversation.after(seconds(end), 'EndOffsetMillis') : undefined,
    status: isFile ? 'completed' : undefined,
    metadata: { provider: 'contact-lens' },
  });
}

function seconds(milliseconds: unknown): unknown {
  return typeof milliseconds === 'number' ? milliseconds / 1000 : milliseconds;
}
