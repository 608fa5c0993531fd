import { Injectable } from '@nestjs/common';

/** The next sequence of a log that a follower waits for. */
export interface AwaitedPlace {
  readonly sessionId: string;
  readonly sequence: number;
}

/**
 * Wakes the followers of a session when something has happened in it, without saying what: each reads the log from its
 * own position. So the log alone decides what a follower gets, and in which order, however often it is woken.
 */
@Injectable()
export class LogNews {
  private readonly followers = new Map<string, Set<Subscription>>();

  /** Subscribes to a session. Anything that happens from now on ends the next `wait`. */
  subscribe(sessionId: string): Subscription {
    const subscription = new Subscription(() => {
      if (followers.delete(subscription) && followers.size === 0) this.followers.delete(sessionId);
    });
    const followers = this.followers.get(sessionId) ?? new Set();
    this.followers.set(sessionId, followers.add(subscription));
    return subscription;
  }

  /** Call it when events of a session are stored, or it has ended. */
  tell(sessionId: string): void {
    for (const follower of this.followers.get(sessionId) ?? []) follower.tell();
  }

  /** The places that are waited for now, each once. */
  awaited(): AwaitedPlace[] {
    return [...this.followers].flatMap(([sessionId, followers]) => {
      const sequences = new Set<number>();
      for (const { awaits } of followers) if (awaits !== undefined) sequences.add(awaits);
      return [...sequences].map((sequence) => ({ sessionId, sequence }));
    });
  }
}

/** The subscription of one follower. */
export class Subscription {
  private told = false;
  private wake: (() => void) | undefined;
  /** The sequence that the follower waits for at the moment. */
  awaits: number | undefined;

  /** @param end no more is heard afterwards. */
  constructor(readonly end: () => void) {}

  tell(): void {
    this.told = true;
    this.wake?.();
  }

  /**
   * Waits until there may be something new after `position`.
   *
   * @returns false if nothing happened for this time in ms, or the signal came first.
   */
  async wait(position: number, ms: number, signal: AbortSignal): Promise<boolean> {
    if (!this.told && !signal.aborted) {
      this.awaits = position + 1;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.wake = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', this.wake as () => void);
          resolve();
        };
        signal.addEventListener('abort', this.wake);
      });
      this.wake?.();
      this.wake = this.awaits = undefined;
    }
    const told = this.told && !signal.aborted;
    this.told = false;
    return told;
  }
}
