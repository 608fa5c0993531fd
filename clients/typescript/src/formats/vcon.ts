import { type EventType } from '../types.js';
import { Conversation, type Converted, type ConvertOptions, type Turn } from './conversation.js';
import * as read from './read.js';

/** The `purpose` of an attachment whose body is events of the service's log, and of that which is their session. */
const EVENTS = 'conversation-session-events';
const SESSION = 'conversation-session';

/** Roles of parties that are no customers. */
const AGENT = /^(agent|supervisor|sme)$/;
const BOT = /^(bot|assistant|ivr)$/;

/**
 * Converts an unsigned vCon (draft-ietf-vcon-vcon-core): one that the service wrote into the same events, any other by its dialogs. Texts are speech of their
 * party's role; other dialogs, analyses and attachments are `system`.
 *
 * @throws FormatError
 */
export function fromVcon(input: unknown, options: ConvertOptions = {}): Converted {
  const vcon = read.fields(input);
  const attachments = read.list(vcon.attachments, 'attachments').map(read.fields);
  const bodiesFor = (purpose: string) =>
    attachments.flatMap((attachment, index) => {
      const isMeant = attachment.purpose === purpose || attachment.type === purpose;
      return isMeant ? bodyOf(attachment, `attachments[${index}]`) : [];
    });
  const session = read.fields(bodiesFor(SESSION)[0]);
  const events = bodiesFor(EVENTS);
  const conversation = new Conversation(options, session.startedAt);
  if (events.length > 0) {
    conversation.each(events, EVENTS, storedTurn);
  } else {
    conversation.each(vcon.dialog, 'dialog', (dialog, place) => dialogTurn(dialog, vcon.parties, place));
    for (const name of ['analysis', 'attachments']) {
      conversation.each(vcon[name], name, (payload, id) => ({ id, type: 'system', payload }));
    }
  }
  const dialogs = read.list(vcon.dialog, 'dialog').map(read.fields);
  const isFailed = dialogs.length > 0 && dialogs.every(({ type }) => type === 'incomplete');
  const status = session.status ?? (isFailed ? 'failed' : 'completed');
  return conversation.finish('uuid', {
    sessionId: session.sessionId ?? vcon.uuid,
    language: session.language,
    endedAt: conversation.try(() => read.time(session.endedAt, `${SESSION}.endedAt`)),
    status: status === 'completed' || status === 'failed' ? status : undefined,
    metadata: read.fields(session.metadata ?? { provider: 'vcon', subject: vcon.subject }),
  });
}

function storedTurn(event: read.Fields, place: string): Turn {
  return {
    id: read.text(event.eventId, `${place}.eventId`),
    type: read.text(event.type, `${place}.type`) as EventType, // the service knows which there are
    payload: read.object(event.payload, `${place}.payload`),
    time: read.time(event.timestamp, `${place}.timestamp`),
    replaces: event.replaces,
  };
}

function dialogTurn(dialog: read.Fields, parties: unknown, place: string): Turn {
  const time = read.time(dialog.start, `${place}.start`);
  if (dialog.type !== 'text') return { type: 'system', payload: dialog, time };
  const index = dialog.originator ?? [dialog.parties].flat(2)[0]; // one, a list, or one for each channel
  const party = read.fields(read.list(parties, 'parties')[Number(index)]);
  const role = String(party.role ?? read.fields(party.meta).role);
  const type = AGENT.test(role) ? 'agent_speech' : BOT.test(role) ? 'bot_speech' : 'user_speech';
  const text = dialog.encoding === 'base64url' ? bodyOf(dialog, place) : undefined;
  return { id: dialog.message_id, type, payload: dialog, text, time };
}

/** The inline content of an object: a text, or what is JSON. */
function bodyOf({ body, encoding }: read.Fields, place: string): unknown {
  if (typeof body !== 'string') return body;
  try {
    if (encoding === 'json') return JSON.parse(body);
    if (encoding !== 'base64url') return body;
    const bytes = atob(body.replaceAll('-', '+').replaceAll('_', '/'));
    return new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
  } catch {
    throw new read.FormatError(`${place}.body`, `is not ${String(encoding)}`);
  }
}
