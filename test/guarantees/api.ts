/** The service's responses as a client sees them. */

export interface SessionView {
  readonly sessionId: string;
  readonly status: 'initiated' | 'active' | 'completed' | 'failed';
  readonly language: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly finalSequence: number | null;
  readonly metadata: Record<string, unknown>;
}

export interface EventView {
  readonly eventId: string;
  readonly sessionId: string;
  readonly sequence: number;
  readonly type: string;
  readonly payload: Record<string, unknown>;
  readonly timestamp: string;
  readonly receivedAt: string;
}

export interface TranscriptView extends SessionView {
  readonly events: readonly (EventView & { readonly late: boolean })[];
  readonly pagination: {
    readonly total?: number;
    readonly page?: number;
    readonly limit: number;
    readonly totalPages?: number;
    readonly hasMore: boolean;
    readonly nextCursor: string | null;
  };
}

export interface ErrorView {
  readonly statusCode: number;
  readonly error: string;
  readonly code: string;
  readonly message: string | readonly string[];
  readonly details?: readonly { readonly field: string; readonly message: string }[];
  readonly path: string;
  readonly method: string;
  readonly timestamp: string;
  readonly requestId: string;
}

export interface CreateBody {
  readonly sessionId: string;
  readonly language: string;
  readonly status?: 'initiated' | 'active';
  readonly metadata?: Record<string, unknown>;
}

export interface AppendBody {
  readonly eventId: string;
  readonly type: string;
  readonly payload: Record<string, unknown>;
  readonly timestamp?: string;
}

export interface BatchBody {
  readonly events: readonly AppendBody[];
}

/** The result for each event of a batch. */
export interface BatchView {
  readonly results: readonly {
    readonly status: number;
    readonly replayed: boolean;
    readonly mismatch: boolean;
    readonly event: EventView;
  }[];
}

export interface PatchBody {
  readonly metadata: Record<string, unknown>;
}

export interface ReadQuery {
  readonly limit: number;
  readonly sort: 'timestamp' | 'sequence';
  readonly order: 'asc' | 'desc';
  readonly page?: number;
  readonly cursor?: string;
}
