/** A JSON object as a client sent it; what is inside is the client's business. */
export type JsonObject = Readonly<Record<string, unknown>>;
