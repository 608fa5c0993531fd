// Generated from docs/openapi.json by "npm run openapi".

export interface paths {
    "/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List sessions
         * @description By `startedAt`, newest first. Reading by cursor shows every session that existed at the start once; with no filter or one, a page costs the same at any depth. A session that starts or stops matching the filters meanwhile may be shown or not. Filter by metadata with `metadata.<key>=<value>`, for the keys in METADATA_FILTER_KEYS. The whole text must be equal. A page has fewer sessions than `limit` if they would be too large together.
         */
        get: operations["listSessions"];
        put?: never;
        /**
         * Create a session
         * @description Safe to retry: the same `sessionId` again answers with the stored session, unchanged and not merged.
         */
        post: operations["createSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{sessionId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a session with a page of its events
         * @description By `page` or by `cursor`. Reading by cursor shows every event that existed at the start exactly once, even while others append, and costs the same at any depth.
         */
        get: operations["readSession"];
        put?: never;
        post?: never;
        /**
         * Delete a session with all its events
         * @description Permanent, and safe to retry. All later requests for the session get 410 `SESSION_DELETED`, including its creation. Its events leave the store within ten seconds; only its id and the time of deletion stay.
         */
        delete: operations["deleteSession"];
        options?: never;
        head?: never;
        /**
         * Change the metadata or the language of a session
         * @description A JSON Merge Patch (RFC 7396) of the metadata, also after the end. Concurrent patches of different keys are all kept. A patch is not a replay of another one: of two that change the same key, the one that arrives last wins, also if it was sent first. A repeated creation is still compared with what the session was created with.
         */
        patch: operations["patchSession"];
        trace?: never;
    };
    "/sessions/{sessionId}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the log of a session, or wait for the next event
         * @description By sequence. Start with `afterSequence` or `cursor`. With `wait`, the response comes as soon as there are further events, or the session has ended.
         */
        get: operations["listEvents"];
        put?: never;
        /**
         * Append an event
         * @description Safe to retry: the same `eventId` again answers with the stored event. Events are accepted after the end of the session too, since the last words of a call often arrive after the hang-up. The first event makes the session `active`.
         */
        post: operations["appendEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{sessionId}/events/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Append several events in one request
         * @description If one event is invalid, none is stored, unless the request has `Prefer: handling=lenient`. They are stored in the order given, with one result each; 201 if any was new. Safe to retry: after a 5xx or no response, the first events may be stored. `Prefer: handling=strict` is ignored.
         */
        post: operations["appendBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{sessionId}/events/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow a session as it happens
         * @description For an `EventSource`. Starts after `Last-Event-ID`, otherwise after `afterSequence`, otherwise with the first event. Shows each event once, by sequence, whichever instance stored it.
         */
        get: operations["followSession"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{sessionId}/events/{eventId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read an event
         * @description An event with the id `stream` can be read only through the list, since that path is the stream.
         */
        get: operations["readEvent"];
        put?: never;
        post?: never;
        /**
         * Remove the content of an event
         * @description Permanent, and safe to retry. The event keeps its place, ids, type and times; its `payload` is empty from then on, and `redactedAt` is set. A retry of the append brings nothing back.
         */
        delete: operations["redactEvent"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{sessionId}/complete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End a session
         * @description Safe to retry: the first call ends the session, and every other answers how it ended. `finalSequence` includes every event that was acknowledged before; later ones are `late`.
         */
        post: operations["completeSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{sessionId}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export a session with all its events
         * @description The session as of this request, whatever its size. `npm run import` imports it. The response breaks off if the session is deleted meanwhile.
         */
        get: operations["exportSession"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{sessionId}/transcript": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read what was said
         * @description For people and other programs, whatever the size, in the order of the clock: a line a turn, WebVTT, SubRip, or a vCon of the IETF, which `npm run import -- --from vcon` imports. Of turns that supersede each other, the newest is at the place of the first. The format is that of `format`, or else of `Accept`.
         */
        get: operations["readTranscript"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What this is, and where to go from here */
        get: operations["home"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Does the process answer? */
        get: operations["live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Can it serve? Makes a round trip to the store.
         * @description 503 until the store is connected, while it is unreachable, and during shutdown.
         */
        get: operations["ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How it is doing, for Prometheus */
        get: operations["readMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description An invalid field of a request. */
        ErrorDetail: {
            /**
             * @description The field, parameter or header as the client wrote it.
             * @example payload
             */
            field: string;
            /**
             * @description A sentence. If the fault is inside the field, it starts with a JSON Pointer (RFC 6901) to the place.
             * @example /payload/text contains a NUL character
             */
            message: string;
        };
        /** @description What every error is answered with. */
        Error: {
            /** @example 400 */
            statusCode: number;
            /**
             * @description The name of the status.
             * @example Bad Request
             */
            error: string;
            /**
             * @description Stable: this is what to switch on.
             * @example VALIDATION_FAILED
             * @enum {string}
             */
            code: "BAD_REQUEST" | "CROSS_ORIGIN_REFUSED" | "DUPLICATE_KEY" | "EVENT_CONFLICT" | "EVENT_NOT_FOUND" | "HOST_REFUSED" | "INTERNAL" | "INVALID_CURSOR" | "MALFORMED_JSON" | "METHOD_NOT_ALLOWED" | "PAYLOAD_TOO_LARGE" | "ROUTE_NOT_FOUND" | "SESSION_CONFLICT" | "SESSION_DELETED" | "SESSION_NOT_FOUND" | "STORE_UNAVAILABLE" | "TOO_MANY_FOLLOWERS" | "UNSUPPORTED_MEDIA_TYPE" | "VALIDATION_FAILED";
            /**
             * @description A sentence for people; with `details`, the list of their sentences.
             * @example [
             *       "/payload/text contains a NUL character"
             *     ]
             */
            message: string | string[];
            details?: components["schemas"]["ErrorDetail"][];
            /**
             * @description The requested path, with its query.
             * @example /sessions
             */
            path: string;
            /** @example POST */
            method: string;
            /**
             * Format: date-time
             * @example 2026-03-01T12:00:01.312Z
             */
            timestamp: string;
            /**
             * @description The same as the `X-Request-Id` of the response, to find the request in the log.
             * @example 7b1d5c0e-9d38-4f0b-8f6e-2d8a3f1f6a11
             */
            requestId: string;
        };
        CreateSession: {
            /**
             * @description Your own id of the conversation: visible ASCII, case-sensitive, not "." or "..".
             * @example 9b2f6c1e-6d0a-4f57-8a3e-2c4f1d7e9a10
             */
            sessionId: string;
            /**
             * @description A language tag, kept as sent: BCP 47 where possible (`en-GB`), otherwise what the provider says (`en_US`, `multi`), `und` for an unknown language.
             * @example en-GB
             */
            language: string;
            /**
             * @description `initiated` by default. The first event makes an `initiated` session `active`.
             * @example initiated
             * @enum {string}
             */
            status?: "initiated" | "active";
            /**
             * Format: date-time
             * @description When it began, if it is recorded later. By default the server’s clock.
             * @example 2026-03-01T12:00:00.000Z
             */
            startedAt?: string | number;
            /**
             * @description Your own data about it: a JSON object of at most 16384 bytes and 20 levels. It comes back unchanged; empty by default.
             * @example {
             *       "caller": "+44 20 7946 0000",
             *       "queue": "billing"
             *     }
             */
            metadata?: {
                [key: string]: unknown;
            };
        };
        Session: {
            /** @example 9b2f6c1e-6d0a-4f57-8a3e-2c4f1d7e9a10 */
            sessionId: string;
            /**
             * @example active
             * @enum {string}
             */
            status: "initiated" | "active" | "completed" | "failed";
            /** @example en-GB */
            language: string;
            /**
             * Format: date-time
             * @example 2026-03-01T12:00:00.000Z
             */
            startedAt: string;
            /**
             * Format: date-time
             * @description Null until it ends.
             * @example null
             */
            endedAt: string | null;
            /**
             * @description The sequence of the last event stored when the session ended, 0 when there was none; null until then.
             * @example null
             */
            finalSequence: number | null;
            /**
             * @example {
             *       "caller": "+44 20 7946 0000",
             *       "queue": "billing"
             *     }
             */
            metadata: {
                [key: string]: unknown;
            };
            /**
             * @description How many events it has; where one session is read, and in a list with `include=activity`.
             * @example 12
             */
            eventCount?: number;
            /**
             * Format: date-time
             * @description When its last event was stored, or null; present where `eventCount` is.
             * @example 2026-03-01T12:03:58.120Z
             */
            lastEventAt?: string | null;
        };
        PatchSession: {
            /**
             * @description What to change: objects are merged, `null` removes a key, anything else replaces the old value. The result may have at most 16384 bytes and 20 levels.
             * @example {
             *       "queue": "sales",
             *       "ticket": {
             *         "id": "T-17"
             *       },
             *       "caller": null
             *     }
             */
            metadata?: {
                [key: string]: unknown;
            };
            /**
             * @description Replaces the language. A language tag, kept as sent: BCP 47 where possible (`en-GB`), otherwise what the provider says (`en_US`, `multi`), `und` for an unknown language.
             * @example en-GB
             */
            language?: string;
        };
        AppendEvent: {
            /**
             * @description Your own id of the event, unique within its session: visible ASCII, case-sensitive, not "." or "..".
             * @example evt-0001
             */
            eventId: string;
            /**
             * @description What it is. `agent_speech` is a human who took over; what fits none of the others is `system`.
             * @example user_speech
             * @enum {string}
             */
            type: "user_speech" | "bot_speech" | "agent_speech" | "tool_call" | "tool_result" | "dtmf" | "system";
            /**
             * @description What happened: a JSON object of at most 262144 bytes and 20 levels. It comes back exactly as it was sent.
             * @example {
             *       "text": "Hello, I have a question about my bill."
             *     }
             */
            payload: {
                [key: string]: unknown;
            };
            /**
             * Format: date-time
             * @description When it happened, kept to the millisecond. By default, when the server stores it.
             * @example 2026-03-01T12:00:01.250Z
             */
            timestamp?: string | number;
            /**
             * @description The `eventId` of the event of this session that this one supersedes, as a final transcript does an interim one. The log keeps both; transcripts show the newest, at the place of the first.
             * @example evt-0000
             */
            replaces?: string;
        };
        Event: {
            /** @example evt-0001 */
            eventId: string;
            /** @example 9b2f6c1e-6d0a-4f57-8a3e-2c4f1d7e9a10 */
            sessionId: string;
            /**
             * @description The number of the event in its session: 1, 2, 3 … without a gap.
             * @example 1
             */
            sequence: number;
            /**
             * @example user_speech
             * @enum {string}
             */
            type: "user_speech" | "bot_speech" | "agent_speech" | "tool_call" | "tool_result" | "dtmf" | "system";
            /**
             * @example {
             *       "text": "Hello, I have a question about my bill."
             *     }
             */
            payload: {
                [key: string]: unknown;
            };
            /**
             * Format: date-time
             * @description When it happened.
             * @example 2026-03-01T12:00:01.250Z
             */
            timestamp: string;
            /**
             * Format: date-time
             * @description When it was stored.
             * @example 2026-03-01T12:00:01.312Z
             */
            receivedAt: string;
            /**
             * @description The event of this session that it supersedes, where it does.
             * @example evt-0000
             */
            replaces?: string;
            /**
             * Format: date-time
             * @description When its content was removed for good, where it was; its payload is empty since.
             * @example 2026-03-02T09:00:00.000Z
             */
            redactedAt?: string;
        };
        AppendBatch: {
            /**
             * @description Stored in this order. Of several with the same `eventId`, later ones are replays of the first.
             * @example [
             *       {
             *         "eventId": "evt-0003",
             *         "type": "user_speech",
             *         "payload": {
             *           "text": "February."
             *         },
             *         "timestamp": "2026-03-01T12:00:06.900Z"
             *       }
             *     ]
             */
            events: components["schemas"]["AppendEvent"][];
        };
        BatchResult: {
            /**
             * @description 201 if this request stored it, 200 if it was stored before.
             * @example 201
             * @enum {number}
             */
            status: 200 | 201;
            /**
             * @description Whether it was stored before.
             * @example false
             */
            replayed: boolean;
            /**
             * @description Whether the stored event has other content; it stays unchanged.
             * @example false
             */
            mismatch: boolean;
            /** @description The event as it is stored. Left out of a mismatch if the stored events together would be larger than a page may be. */
            event?: components["schemas"]["Event"];
        };
        BatchFault: {
            /**
             * @description Stable: this is what to switch on.
             * @example VALIDATION_FAILED
             * @enum {string}
             */
            code: "BAD_REQUEST" | "CROSS_ORIGIN_REFUSED" | "DUPLICATE_KEY" | "EVENT_CONFLICT" | "EVENT_NOT_FOUND" | "HOST_REFUSED" | "INTERNAL" | "INVALID_CURSOR" | "MALFORMED_JSON" | "METHOD_NOT_ALLOWED" | "PAYLOAD_TOO_LARGE" | "ROUTE_NOT_FOUND" | "SESSION_CONFLICT" | "SESSION_DELETED" | "SESSION_NOT_FOUND" | "STORE_UNAVAILABLE" | "TOO_MANY_FOLLOWERS" | "UNSUPPORTED_MEDIA_TYPE" | "VALIDATION_FAILED";
            /**
             * @description A sentence for people; with `details`, the list of their sentences.
             * @example [
             *       "/payload/text contains a NUL character"
             *     ]
             */
            message: string | string[];
            details?: components["schemas"]["ErrorDetail"][];
        };
        BatchRefusal: {
            /**
             * @example 400
             * @enum {number}
             */
            status: 400;
            error: components["schemas"]["BatchFault"];
        };
        Batch: {
            /** @description One for each event of the request, in the same order. */
            results: (components["schemas"]["BatchResult"] | components["schemas"]["BatchRefusal"])[];
        };
        TranscriptEvent: {
            /** @example evt-0001 */
            eventId: string;
            /** @example 9b2f6c1e-6d0a-4f57-8a3e-2c4f1d7e9a10 */
            sessionId: string;
            /**
             * @description The number of the event in its session: 1, 2, 3 … without a gap.
             * @example 1
             */
            sequence: number;
            /**
             * @example user_speech
             * @enum {string}
             */
            type: "user_speech" | "bot_speech" | "agent_speech" | "tool_call" | "tool_result" | "dtmf" | "system";
            /**
             * @example {
             *       "text": "Hello, I have a question about my bill."
             *     }
             */
            payload: {
                [key: string]: unknown;
            };
            /**
             * Format: date-time
             * @description When it happened.
             * @example 2026-03-01T12:00:01.250Z
             */
            timestamp: string;
            /**
             * Format: date-time
             * @description When it was stored.
             * @example 2026-03-01T12:00:01.312Z
             */
            receivedAt: string;
            /**
             * @description The event of this session that it supersedes, where it does.
             * @example evt-0000
             */
            replaces?: string;
            /**
             * Format: date-time
             * @description When its content was removed for good, where it was; its payload is empty since.
             * @example 2026-03-02T09:00:00.000Z
             */
            redactedAt?: string;
            /**
             * @description Whether it was stored after the session had ended.
             * @example false
             */
            late: boolean;
        };
        CursorPagination: {
            /** @example 20 */
            limit: number;
            /** @example false */
            hasMore: boolean;
            /**
             * @description The `cursor` of the next page; null on the last.
             * @example null
             */
            nextCursor: string | null;
        };
        EventList: {
            /** @example 9b2f6c1e-6d0a-4f57-8a3e-2c4f1d7e9a10 */
            sessionId: string;
            /**
             * @example active
             * @enum {string}
             */
            status: "initiated" | "active" | "completed" | "failed";
            /**
             * Format: date-time
             * @description Null until it ends.
             * @example null
             */
            endedAt: string | null;
            /**
             * @description The sequence of the last event stored when the session ended, 0 when there was none; null until then.
             * @example null
             */
            finalSequence: number | null;
            events: components["schemas"]["TranscriptEvent"][];
            pagination: components["schemas"]["CursorPagination"];
        };
        CompleteSession: {
            /**
             * @description How the conversation ended; `completed` by default.
             * @example completed
             * @enum {string}
             */
            status?: "completed" | "failed";
            /**
             * Format: date-time
             * @description When it ended, not before a `startedAt` that was sent. By default the server’s clock, or `startedAt` if that is later.
             * @example 2026-03-01T12:04:07.250Z
             */
            endedAt?: string | number;
        };
        SessionList: {
            sessions: components["schemas"]["Session"][];
            pagination: components["schemas"]["CursorPagination"];
        };
        Pagination: {
            /**
             * @description The number of events that the filters select. Absent for a page read by cursor.
             * @example 1
             */
            total?: number;
            /**
             * @description Absent under a cursor.
             * @example 1
             */
            page?: number;
            /** @example 20 */
            limit: number;
            /**
             * @description Absent under a cursor.
             * @example 1
             */
            totalPages?: number;
            /** @example false */
            hasMore: boolean;
            /**
             * @description The `cursor` of the next page; null on the last.
             * @example null
             */
            nextCursor: string | null;
        };
        Transcript: {
            /** @example 9b2f6c1e-6d0a-4f57-8a3e-2c4f1d7e9a10 */
            sessionId: string;
            /**
             * @example active
             * @enum {string}
             */
            status: "initiated" | "active" | "completed" | "failed";
            /** @example en-GB */
            language: string;
            /**
             * Format: date-time
             * @example 2026-03-01T12:00:00.000Z
             */
            startedAt: string;
            /**
             * Format: date-time
             * @description Null until it ends.
             * @example null
             */
            endedAt: string | null;
            /**
             * @description The sequence of the last event stored when the session ended, 0 when there was none; null until then.
             * @example null
             */
            finalSequence: number | null;
            /**
             * @example {
             *       "caller": "+44 20 7946 0000",
             *       "queue": "billing"
             *     }
             */
            metadata: {
                [key: string]: unknown;
            };
            /**
             * @description How many events it has; where one session is read, and in a list with `include=activity`.
             * @example 12
             */
            eventCount?: number;
            /**
             * Format: date-time
             * @description When its last event was stored, or null; present where `eventCount` is.
             * @example 2026-03-01T12:03:58.120Z
             */
            lastEventAt?: string | null;
            events: components["schemas"]["TranscriptEvent"][];
            pagination: components["schemas"]["Pagination"];
        };
        Health: {
            /**
             * @example ok
             * @enum {string}
             */
            status: "ok";
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: {
        /** @description The id of the request in the log: the client’s, if it is well formed. */
        "X-Request-Id": string;
        /**
         * @description The path of the new session.
         * @example /sessions/9b2f6c1e-6d0a-4f57-8a3e-2c4f1d7e9a10
         */
        Location: string;
        /** @description Present if an earlier request had done it already, and this one changed nothing. */
        "Idempotent-Replayed": "true";
        /** @description Present on a replay with other content than what is stored, which stays unchanged. */
        "Idempotent-Mismatch": "true";
        /** @description Present if the preference of the request, such as `Prefer: handling=strict`, was applied. */
        "Preference-Applied": "handling=strict" | "handling=lenient";
        /**
         * @description Seconds to wait before trying again.
         * @example 1
         */
        "Retry-After": number;
        /** @description Present on a response to PATCH: the content type that it accepts. */
        "Accept-Patch": "application/merge-patch+json";
        /** @description A client that prefers `text/html`, as browsers do, gets a page. */
        Vary: "Accept";
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listSessions: {
        parameters: {
            query?: {
                /** @description Sessions on a page. */
                limit?: number;
                /** @description The `nextCursor` of the previous page. It contains order and filters, which need not be sent again and can’t be changed. */
                cursor?: string;
                /** @description By `startedAt`, ties by `sessionId`: newest first, or oldest first. */
                order?: "desc" | "asc";
                /** @description Only sessions with this status, or one of several statuses separated by commas. */
                status?: string;
                /** @description Only sessions that started at or after this time (RFC 3339, a date, or Unix time). */
                from?: string;
                /** @description Only sessions that started before this time (RFC 3339, a date, or Unix time). */
                to?: string;
                /** @description With `activity`, each session also has `eventCount` and `lastEventAt`. */
                include?: "activity";
            };
            header?: {
                /** @description Your own id of the request, for the response and the log. Created if there is none. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionList"];
                };
            };
            /** @description Bad Request: `VALIDATION_FAILED`, `INVALID_CURSOR` */
            400: {
                headers: {
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Forbidden: `HOST_REFUSED` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Internal Server Error: `INTERNAL` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Service Unavailable: `STORE_UNAVAILABLE` */
            503: {
                headers: {
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    createSession: {
        parameters: {
            query?: never;
            header?: {
                /** @description `handling=strict`: a replay with other content is an error (409). Otherwise it gets what is stored, with `Idempotent-Mismatch`. Other preferences are ignored. */
                Prefer?: string;
                /** @description Your own id of the request, for the response and the log. Created if there is none. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateSession"];
            };
        };
        responses: {
            /** @description A replay: it existed already. What is stored, unchanged. */
            200: {
                headers: {
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Idempotent-Mismatch": components["headers"]["Idempotent-Mismatch"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description This very request made it. */
            201: {
                headers: {
                    Location: components["headers"]["Location"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description Bad Request: `VALIDATION_FAILED`, `MALFORMED_JSON`, `BAD_REQUEST` */
            400: {
                headers: {
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Forbidden: `CROSS_ORIGIN_REFUSED`, `HOST_REFUSED` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Conflict: `SESSION_CONFLICT` */
            409: {
                headers: {
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Gone: `SESSION_DELETED` */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Payload Too Large: `PAYLOAD_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    "Accept-Patch": components["headers"]["Accept-Patch"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Internal Server Error: `INTERNAL` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Service Unavailable: `STORE_UNAVAILABLE` */
            503: {
                headers: {
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readSession: {
        parameters: {
            query?: {
                /** @description Only events with a higher sequence. */
                afterSequence?: number;
                /** @description Events on a page. A page has fewer, but at least one, if they would exceed MAX_PAGE_BYTES together; `nextCursor` continues after them. */
                limit?: number;
                /** @description The `nextCursor` of the previous page. It contains sort, order and filters, which need not be sent again and can’t be changed. */
                cursor?: string;
                /** @description Only events of this type, or of one of several types separated by commas. */
                type?: string;
                /** @description Counted from 1, which is the default, in steps of `limit`, even if pages have fewer events. Not together with `cursor`. */
                page?: number;
                /** @description Events with the same timestamp are ordered by sequence. The default is `timestamp`, or `sequence` with `afterSequence`, so that a late event with an old timestamp is not missed. */
                sort?: "timestamp" | "sequence";
                order?: "asc" | "desc";
                /** @description Only events with a timestamp at or after this one (RFC 3339, a date, or Unix time). */
                from?: string;
                /** @description Only events with a timestamp before this one (RFC 3339, a date, or Unix time). */
                to?: string;
            };
            header?: {
                /** @description Your own id of the request, for the response and the log. Created if there is none. */
                "X-Request-Id"?: string;
            };
            path: {
                /** @description The id the session was created with, percent-encoded where needed. */
                sessionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Transcript"];
                };
            };
            /** @description Bad Request: `VALIDATION_FAILED`, `BAD_REQUEST`, `INVALID_CURSOR` */
            400: {
                headers: {
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Forbidden: `HOST_REFUSED` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Not Found: `SESSION_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Gone: `SESSION_DELETED` */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Internal Server Error: `INTERNAL` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Service Unavailable: `STORE_UNAVAILABLE` */
            503: {
                headers: {
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    deleteSession: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own id of the request, for the response and the log. Created if there is none. */
                "X-Request-Id"?: string;
            };
            path: {
                /** @description The id the session was created with, percent-encoded where needed. */
                sessionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is deleted, now or before. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Bad Request: `VALIDATION_FAILED`, `BAD_REQUEST` */
            400: {
                headers: {
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Forbidden: `CROSS_ORIGIN_REFUSED`, `HOST_REFUSED` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Not Found: `SESSION_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Internal Server Error: `INTERNAL` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Service Unavailable: `STORE_UNAVAILABLE` */
            503: {
                headers: {
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    patchSession: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own id of the request, for the response and the log. Created if there is none. */
                "X-Request-Id"?: string;
            };
            path: {
                /** @description The id the session was created with, percent-encoded where needed. */
                sessionId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["PatchSession"];
            };
        };
        responses: {
            /** @description The session as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description Bad Request: `VALIDATION_FAILED`, `MALFORMED_JSON`, `BAD_REQUEST` */
            400: {
                headers: {
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Forbidden: `CROSS_ORIGIN_REFUSED`, `HOST_REFUSED` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Not Found: `SESSION_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Gone: `SESSION_DELETED` */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Payload Too Large: `PAYLOAD_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    "Accept-Patch": components["headers"]["Accept-Patch"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Internal Server Error: `INTERNAL` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Service Unavailable: `STORE_UNAVAILABLE` */
            503: {
                headers: {
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listEvents: {
        parameters: {
            query?: {
                /** @description Only events with a higher sequence. */
                afterSequence?: number;
                /** @description Events on a page. A page has fewer, but at least one, if they would exceed MAX_PAGE_BYTES together; `nextCursor` continues after them. */
                limit?: number;
                /** @description The `nextCursor` of the previous page. It contains sort, order and filters, which need not be sent again and can’t be changed. */
                cursor?: string;
                /** @description Only events of this type, or of one of several types separated by commas. */
                type?: string;
                /** @description Seconds to wait for the next event or the end of the session, if there is nothing yet. If nothing happens, the response has no events. */
                wait?: number;
            };
            header?: {
                /** @description Your own id of the request, for the response and the log. Created if there is none. */
                "X-Request-Id"?: string;
            };
            path: {
                /** @description The id the session was created with, percent-encoded where needed. */
                sessionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the log; empty if no event came in time. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventList"];
                };
            };
            /** @description Bad Request: `VALIDATION_FAILED`, `BAD_REQUEST`, `INVALID_CURSOR` */
            400: {
                headers: {
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Forbidden: `HOST_REFUSED` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Not Found: `SESSION_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Gone: `SESSION_DELETED` */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Internal Server Error: `INTERNAL` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Service Unavailable: `STORE_UNAVAILABLE`, `TOO_MANY_FOLLOWERS` */
            503: {
                headers: {
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    appendEvent: {
        parameters: {
            query?: never;
            header?: {
                /** @description `handling=strict`: a replay with other content is an error (409). Otherwise it gets what is stored, with `Idempotent-Mismatch`. Other preferences are ignored. */
                Prefer?: string;
                /** @description Your own id of the request, for the response and the log. Created if there is none. */
                "X-Request-Id"?: string;
            };
            path: {
                /** @description The id the session was created with, percent-encoded where needed. */
                sessionId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AppendEvent"];
            };
        };
        responses: {
            /** @description A replay: it existed already. What is stored, unchanged. */
            200: {
                headers: {
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Idempotent-Mismatch": components["headers"]["Idempotent-Mismatch"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Event"];
                };
            };
            /** @description This very request made it. */
            201: {
                headers: {
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Event"];
                };
            };
            /** @description Bad Request: `VALIDATION_FAILED`, `MALFORMED_JSON`, `BAD_REQUEST` */
            400: {
                headers: {
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Forbidden: `CROSS_ORIGIN_REFUSED`, `HOST_REFUSED` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Not Found: `SESSION_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Conflict: `EVENT_CONFLICT` */
            409: {
                headers: {
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Gone: `SESSION_DELETED` */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Payload Too Large: `PAYLOAD_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    "Accept-Patch": components["headers"]["Accept-Patch"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Internal Server Error: `INTERNAL` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Service Unavailable: `STORE_UNAVAILABLE` */
            503: {
                headers: {
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    appendBatch: {
        parameters: {
            query?: never;
            header?: {
                /** @description `handling=lenient`: the valid events are stored, and each faulty one gets a result of its own with status 400. If all are faulty, the request is. Other preferences are ignored. */
                Prefer?: string;
                /** @description Your own id of the request, for the response and the log. Created if there is none. */
                "X-Request-Id"?: string;
            };
            path: {
                /** @description The id the session was created with, percent-encoded where needed. */
                sessionId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AppendBatch"];
            };
        };
        responses: {
            /** @description A replay: it existed already. What is stored, unchanged. */
            200: {
                headers: {
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Idempotent-Mismatch": components["headers"]["Idempotent-Mismatch"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Batch"];
                };
            };
            /** @description This very request made it. */
            201: {
                headers: {
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Batch"];
                };
            };
            /** @description Bad Request: `VALIDATION_FAILED`, `MALFORMED_JSON`, `BAD_REQUEST` */
            400: {
                headers: {
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Forbidden: `CROSS_ORIGIN_REFUSED`, `HOST_REFUSED` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Not Found: `SESSION_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Gone: `SESSION_DELETED` */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Payload Too Large: `PAYLOAD_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    "Accept-Patch": components["headers"]["Accept-Patch"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Internal Server Error: `INTERNAL` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Service Unavailable: `STORE_UNAVAILABLE` */
            503: {
                headers: {
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    followSession: {
        parameters: {
            query?: {
                /** @description Only events with a higher sequence. */
                afterSequence?: number;
            };
            header?: {
                /** @description The sequence of the last event the client has. An `EventSource` sends it when it reconnects. */
                "Last-Event-ID"?: number;
                /** @description Your own id of the request, for the response and the log. Created if there is none. */
                "X-Request-Id"?: string;
            };
            path: {
                /** @description The id the session was created with, percent-encoded where needed. */
                sessionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Server-sent events: `id` is the sequence, `event` is `event`, `data` is the event. A comment is sent every 15 seconds. At the end comes `event: session` with the session, without an id, and the stream closes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description The session has ended, and the client has seen all of it. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Bad Request: `VALIDATION_FAILED`, `BAD_REQUEST` */
            400: {
                headers: {
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Forbidden: `HOST_REFUSED` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Not Found: `SESSION_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Gone: `SESSION_DELETED` */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Internal Server Error: `INTERNAL` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Service Unavailable: `STORE_UNAVAILABLE`, `TOO_MANY_FOLLOWERS` */
            503: {
                headers: {
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readEvent: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own id of the request, for the response and the log. Created if there is none. */
                "X-Request-Id"?: string;
            };
            path: {
                /** @description The id the session was created with, percent-encoded where needed. */
                sessionId: string;
                /** @description The id the event was stored with, percent-encoded where needed. */
                eventId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The event. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TranscriptEvent"];
                };
            };
            /** @description Bad Request: `VALIDATION_FAILED`, `BAD_REQUEST` */
            400: {
                headers: {
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Forbidden: `HOST_REFUSED` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Not Found: `SESSION_NOT_FOUND`, `EVENT_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Gone: `SESSION_DELETED` */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Internal Server Error: `INTERNAL` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Service Unavailable: `STORE_UNAVAILABLE` */
            503: {
                headers: {
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    redactEvent: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own id of the request, for the response and the log. Created if there is none. */
                "X-Request-Id"?: string;
            };
            path: {
                /** @description The id the session was created with, percent-encoded where needed. */
                sessionId: string;
                /** @description The id the event was stored with, percent-encoded where needed. */
                eventId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its content is removed, now or before. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Bad Request: `VALIDATION_FAILED`, `BAD_REQUEST` */
            400: {
                headers: {
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Forbidden: `CROSS_ORIGIN_REFUSED`, `HOST_REFUSED` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Not Found: `SESSION_NOT_FOUND`, `EVENT_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Gone: `SESSION_DELETED` */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Internal Server Error: `INTERNAL` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Service Unavailable: `STORE_UNAVAILABLE` */
            503: {
                headers: {
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    completeSession: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own id of the request, for the response and the log. Created if there is none. */
                "X-Request-Id"?: string;
            };
            path: {
                /** @description The id the session was created with, percent-encoded where needed. */
                sessionId: string;
            };
            cookie?: never;
        };
        /** @description May be left out, or be `{}`. */
        requestBody?: {
            content: {
                "application/json": components["schemas"]["CompleteSession"];
            };
        };
        responses: {
            /** @description The ended session; with `Idempotent-Replayed`, it had ended before. */
            200: {
                headers: {
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Idempotent-Mismatch": components["headers"]["Idempotent-Mismatch"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description Bad Request: `VALIDATION_FAILED`, `MALFORMED_JSON`, `BAD_REQUEST` */
            400: {
                headers: {
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Forbidden: `CROSS_ORIGIN_REFUSED`, `HOST_REFUSED` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Not Found: `SESSION_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Gone: `SESSION_DELETED` */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Payload Too Large: `PAYLOAD_TOO_LARGE` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Unsupported Media Type: `UNSUPPORTED_MEDIA_TYPE` */
            415: {
                headers: {
                    "Accept-Patch": components["headers"]["Accept-Patch"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Internal Server Error: `INTERNAL` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Service Unavailable: `STORE_UNAVAILABLE` */
            503: {
                headers: {
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    exportSession: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own id of the request, for the response and the log. Created if there is none. */
                "X-Request-Id"?: string;
            };
            path: {
                /** @description The id the session was created with, percent-encoded where needed. */
                sessionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One JSON object per line: the session, its events by sequence, and finally `{ "end": true, "events": n }`. Without this last line, the export was cut off. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                };
            };
            /** @description Bad Request: `VALIDATION_FAILED`, `BAD_REQUEST` */
            400: {
                headers: {
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Forbidden: `HOST_REFUSED` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Not Found: `SESSION_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Gone: `SESSION_DELETED` */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Internal Server Error: `INTERNAL` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Service Unavailable: `STORE_UNAVAILABLE`, `TOO_MANY_FOLLOWERS` */
            503: {
                headers: {
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readTranscript: {
        parameters: {
            query?: {
                /** @description By default what `Accept` asks for, or text. */
                format?: "text" | "vtt" | "srt" | "vcon";
            };
            header?: {
                /** @description Your own id of the request, for the response and the log. Created if there is none. */
                "X-Request-Id"?: string;
            };
            path: {
                /** @description The id the session was created with, percent-encoded where needed. */
                sessionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was said, in the format asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                    "text/vtt": string;
                    "application/x-subrip": string;
                    "application/vcon": Record<string, never>;
                };
            };
            /** @description Bad Request: `VALIDATION_FAILED`, `BAD_REQUEST` */
            400: {
                headers: {
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Forbidden: `HOST_REFUSED` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Not Found: `SESSION_NOT_FOUND` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Gone: `SESSION_DELETED` */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Internal Server Error: `INTERNAL` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Service Unavailable: `STORE_UNAVAILABLE`, `TOO_MANY_FOLLOWERS` */
            503: {
                headers: {
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    home: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own id of the request, for the response and the log. Created if there is none. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description Forbidden: `HOST_REFUSED` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Internal Server Error: `INTERNAL` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    live: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own id of the request, for the response and the log. Created if there is none. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It does. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description Internal Server Error: `INTERNAL` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    ready: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own id of the request, for the response and the log. Created if there is none. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It can. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description Internal Server Error: `INTERNAL` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Service Unavailable: `STORE_UNAVAILABLE` */
            503: {
                headers: {
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readMetrics: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own id of the request, for the response and the log. Created if there is none. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Prometheus text format; docs/operations.md explains each metric. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description Forbidden: `HOST_REFUSED` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Internal Server Error: `INTERNAL` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
}
