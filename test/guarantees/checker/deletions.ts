import { markOf } from '../contents.js';
import { groupBy, is, isUnknown, ofKind, type Event, type Exchange, type Look } from '../history.js';
import { firstEnd } from './facts.js';
import { type Rule } from './rule.js';

const isGone = ({ answer }: Exchange): boolean => answer?.status === 410;

export const deletedForEver: Rule = {
  name: 'deleted for ever',
  check({ exchanges, deletes, finals }, findings) {
    const asked = Math.min(...deletes.map(({ sentAt }) => sentAt));
    const deleted = firstEnd(deletes.filter(({ answer }) => answer?.status === 204));
    const told = firstEnd(exchanges.filter(isGone));
    for (const exchange of exchanges) {
      findings.expect(
        !isGone(exchange) || exchange.endedAt > asked,
        () => 'a session was answered as deleted before anybody asked for that',
        exchange,
        deletes[0],
      );
      if (isUnknown(exchange)) continue;
      // Until the 204, appends may still enter the log.
      const since = is(exchange, 'append', 'batch') ? deleted : Math.min(deleted, told);
      const saysDeleted = is(exchange, 'delete') ? exchange.answer?.status === 204 : isGone(exchange);
      findings.expect(
        exchange.sentAt <= since || saysDeleted,
        () => `a ${exchange.kind} of a deleted session was answered with ${exchange.answer?.status ?? '-'}`,
        exchange,
        deletes.find(({ answer }) => answer?.status === 204),
      );
    }
    for (const final of finals) {
      const [must, may] = [Math.min(deleted, told) < Infinity, asked < Infinity];
      findings.expect(
        final.deleted ? may : !must,
        () => `a session is wrongly ${final.deleted ? '' : 'not '}deleted at ${final.instance}`,
        final,
      );
    }
  },
};

/** What is left of a session, and for a day of the places of its log: its own fields, and the store's key. */
const LEFT = {
  sessions: ['_id', 'sessionId', 'deletedAt'],
  events: ['_id', 'sessionId', 'eventId', 'sequence', 'closed'],
};

export const erased: Rule = {
  name: 'erased',
  check({ looks, final }, findings) {
    for (const { after, documents } of looks) {
      if (after === 'redaction' || !final.deleted) continue;
      for (const { collection, fields, eventId } of documents) {
        const left = fields.filter((field) => !LEFT[collection].includes(field));
        findings.expect(
          left.length === 0,
          () => `after ${after} the store holds ${left.join(', ')} of ${eventId ?? 'a deleted session'}`,
          { collection, fields, eventId },
        );
      }
      const places = documents.filter(({ collection }) => collection === 'events').length;
      findings.expect(
        after !== 'the day' || places === 0,
        () => `a day after the deletion the store holds ${places} places of the log`,
        documents,
      );
    }
  },
};

/** What a redacted event may have in the store besides what every client is shown. */
const KEPT = [
  ...LEFT.events,
  'type',
  'timestamp',
  'receivedAt',
  'redactedAt',
  'replaces',
  'serverTimestamp',
  'unordered',
];

export const redacted: Rule = {
  name: 'redacted',
  check({ exchanges, sightings, appendsById, finals, looks, followings }, findings) {
    const byEvent = groupBy(ofKind(exchanges, 'redact'), ({ request }) => request.eventId);
    const views = finals.flatMap(({ events }) => events);
    const isRedacted = ({ redactedAt, payload }: Event) =>
      redactedAt !== undefined && Object.keys(payload).length === 0;

    for (const event of [...views, ...[...sightings.values()].flat().map((sighting) => sighting.event)]) {
      findings.expect(
        event.redactedAt === undefined || byEvent.has(event.eventId),
        () => `${event.eventId} is redacted, and nobody asked for that`,
        event,
      );
    }
    for (const [eventId, redactions] of byEvent) {
      const done = firstEnd(redactions.filter(({ answer }) => answer?.status === 204));
      if (done === Infinity) continue;
      const shown = [
        ...(sightings.get(eventId) ?? [])
          .filter(({ exchange }) => exchange.sentAt > done)
          .map(({ event, exchange }) => ({ event, evidence: exchange as unknown })),
        ...followings
          .filter(({ sentAt }) => sentAt > done)
          .flatMap((following) => following.shown.map((event) => ({ event, evidence: following })))
          .filter(({ event }) => event.eventId === eventId),
        ...views.filter((event) => event.eventId === eventId).map((event) => ({ event, evidence: event })),
      ];
      for (const { event, evidence } of shown) {
        findings.expect(isRedacted(event), () => `${eventId} was shown after its redaction`, evidence);
      }
      for (const { transcript, instance } of finals) {
        findings.expect(
          !transcript.includes(markOf(eventId)),
          () => `the transcript of ${instance} has the redacted ${eventId}`,
          transcript,
        );
      }
      for (const append of appendsById.get(eventId) ?? []) {
        const { answer, sentAt, request } = append;
        if (sentAt <= done || !answer || ![200, 201, 409].includes(answer.status)) continue;
        findings.expect(
          answer.status === 409 ? request.strict : answer.replayed && answer.mismatch,
          () => `an append of the redacted ${eventId} was answered with ${answer.status}`,
          append,
        );
      }
      for (const look of looks) checkLook(look, eventId);
    }

    function checkLook({ after, documents, ...look }: Look, eventId: string): void {
      if (after !== 'redaction' || look.eventId !== eventId) return;
      for (const document of documents.filter((one) => one.eventId === eventId)) {
        const left = document.fields.filter((field) => !KEPT.includes(field));
        findings.expect(
          left.length === 0 && document.fields.some((field) => ['redactedAt', 'closed'].includes(field)),
          () => `the store holds ${left.join(', ')} of the redacted ${eventId}`,
          document,
        );
      }
    }
  },
};
