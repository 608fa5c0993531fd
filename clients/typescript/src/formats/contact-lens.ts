import { type EventType } from '../types.js';
import { Conversation, type Converted, type ConvertOptions } from './conversation.js';
import * as read from './read.js';

const TYPES: Readonly<Record<string, EventType>> = { AGENT: 'agent_speech', CUSTOMER: 'user_speech' };

/**
 * Converts Amazon Connect's analysis of a contact: the answers of `ListRealtimeContactAnalysisSegments`, or the file after it. Their times are
 * offsets from a start that they do not have: see `startedAt`. Segments have no id of the contact: see `sessionId`.
 *
 * @throws FormatError
 */
export function fromContactLens(input: unknown, options: ConvertOptions = {}): Converted {
  const conversation = new Conversation(options);
  const answers = [input].flat().map(read.fields);
  const file = answers.find(({ Transcript }) => Transcript);
  const participants = read.list(file?.Participants, 'Participants').map(read.fields);
  const roles = new Map(participants.map((each) => [each.ParticipantId, each.ParticipantRole]));
  const segments = file?.Transcript ?? answers.flatMap(({ Segments }) => read.list(Segments, 'Segments'));
  let end = 0;
  conversation.each(segments, file ? 'Transcript' : 'Segments', (segment, place) => {
    const turn = read.fields(segment.Transcript ?? segment);
    const { ParticipantId: id, ParticipantRole: role = roles.get(id) ?? id } = turn;
    end = Math.max(end, Number(turn.EndOffsetMillis) || 0);
    return {
      id: turn.Id,
      type: TYPES[String(role)] ?? 'system',
      payload: segment,
      text: segment.Content,
      time: conversation.after(seconds(turn.BeginOffsetMillis), `${place}.BeginOffsetMillis`),
    };
  });
  return conversation.finish('CustomerMetadata.ContactId', {
    sessionId: read.fields(file?.CustomerMetadata).ContactId,
    language: file?.LanguageCode,
    endedAt: file && conversation.after(end / 1000, 'EndOffsetMillis'),
    status: file && 'completed',
    metadata: { provider: 'contact-lens' },
  });
}

function seconds(milliseconds: unknown): unknown {
  return typeof milliseconds === 'number' ? milliseconds / 1000 : milliseconds;
}
