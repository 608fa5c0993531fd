/** What the service answers with, as a client sees it; by the contract, not by the types of the service. */

export type JsonObject = Record<string, unknown>;

export interface SessionBody {
  sessionId: string;
  status: string;
  language: string;
  startedAt: string;
  endedAt: string | null;
  finalSequence: number | null;
  metadata: JsonObject;
}

export interface EventBody {
  eventId: string;
  sessionId: string;
  sequence: number;
  type: string;
  payload: JsonObject;
  timestamp: string;
  receivedAt: string;
  replaces?: string;
  redactedAt?: string;
}

export interface BatchBody {
  results: { status: number; replayed: boolean; mismatch: boolean; event: EventBody }[];
}

export interface ReadEvent extends EventBody {
  late: boolean;
}

export interface PaginationBody {
  total?: number;
  page?: number;
  limit: number;
  totalPages?: number;
  hasMore: boolean;
  nextCursor: string | null;
}

export interface ReadBody extends SessionBody {
  eventCount: number;
  lastEventAt: string | null;
  events: ReadEvent[];
  pagination: PaginationBody;
}

export interface ListBody {
  sessions: SessionBody[];
  pagination: PaginationBody;
}

export interface EventListBody {
  sessionId: string;
  status: string;
  endedAt: string | null;
  finalSequence: number | null;
  events: ReadEvent[];
  pagination: { limit: number; hasMore: boolean; nextCursor: string | null };
}

export interface ErrorBody {
  statusCode: number;
  error: string;
  code: string;
  message: string | string[];
  details?: { field: string; message: string }[];
  path: string;
  method: string;
  timestamp: string;
  requestId: string;
}
