import { type Limits } from '../config/load-config.js';

/** The text at the head of the API's description, in Markdown. */
export function guide(summary: string, limits: Limits): string {
  return `${summary}

A **session** is one conversation; what happens in it is its **events**. You choose the ids of both. The service gives
each event a \`sequence\`: 1, 2, 3 … without a gap, in the order in which they were stored.

**Every write is safe to retry.** The same request again changes nothing and answers 200 with what is stored, and
\`Idempotent-Replayed: true\`. If it differs from what is stored, what is stored wins and \`Idempotent-Mismatch: true\`
says so; with \`Prefer: handling=strict\` that is an error, 409. Content is compared as JSON values, key order aside.

**Events after the end** of a session are stored like any other and read as \`late: true\`.

**The examples** fit each other: press *Execute* from the top to the bottom. After the last one, the deletion, their
\`sessionId\` is gone for ever; whoever begins again takes another.

**Errors** have a stable \`code\`: see the schema \`Error\`. Besides what each operation lists, an unknown path answers
404 \`ROUTE_NOT_FOUND\` and a method that a path does not have 405 \`METHOD_NOT_ALLOWED\` with \`Allow\`. Requests that
are no HTTP (400), too slow (408) or have too large a head (431) get the same body, and the connection is closed. A
browser gets errors of \`GET\` as a page.

**What goes in comes out**: \`metadata\` and \`payload\` come back as the same JSON values, or are refused with 400 and
the place named. Keys keep their order, but for those that are whole numbers (\`"10"\`): they come first, and rise, as in
every JavaScript object.

| what | limit |
| --- | --- |
| \`sessionId\`, \`eventId\` | 1–${limits.idLength} visible ASCII characters, not \`.\` or \`..\` |
| \`language\` | a BCP 47 tag, at most ${limits.languageLength} characters |
| \`metadata\` | an object, at most ${limits.metadataBytes} bytes as JSON, depth ${limits.jsonDepth} |
| \`payload\` | an object, at most ${limits.payloadBytes} bytes as JSON, depth ${limits.jsonDepth} |
| request body | ${limits.bodyBytes} bytes, else 413 |
| events on a page | ${limits.maxPageSize}, by default ${limits.defaultPageSize} |
`;
}
