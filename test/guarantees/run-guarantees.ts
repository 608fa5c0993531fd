import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { check, RULES } from './checker/check.js';
import { type Violation } from './checker/rule.js';
import { Client } from './client.js';
import { type FaultKind } from './faults/fault.js';
import { FaultSchedule, type Struck } from './faults/schedule.js';
import { Follower } from './follower.js';
import { readFinalState } from './final-state.js';
import { HistoryRecorder, now, type Exchange, type FinalSession, type Remains } from './history.js';
import { Random } from './random.js';
import { readRemains } from './remains.js';
import { Cluster } from './service/cluster.js';
import { Workload } from './workload.js';

/** How soon after the response to its DELETE no event of a session may be in the store. */
const ERASED_WITHIN_MS = 10_000;

/** How many sessions of a round are followed. */
const FOLLOWERS = 4;
/** How long a follower may need at the end; without notifications it checks every 15 s. */
const CAUGHT_UP_WITHIN_MS = 20_000;

export interface RunOptions {
  readonly seconds: number;
  /**
   * Each round has its own sessions, and is checked when it is over, so that a long run needs no more memory than a
   * short one.
   */
  readonly roundSeconds: number;
  readonly instances: number;
  readonly store: string;
  readonly faults: ReadonlySet<FaultKind>;
  readonly seed: number;
  readonly clients: number;
  /** The longest pause of a client after each request. */
  readonly pauseMs: number;
  /** Called with a line now and then. */
  readonly progress: (line: string) => void;
}

/** What happened in one second of a run. */
export interface Second {
  served: number;
  unavailable: number;
  lost: number;
}

export interface RunResult {
  readonly startedAt: Date;
  readonly seconds: number;
  readonly rounds: number;
  readonly sessions: number;
  readonly events: number;
  readonly operations: number;
  readonly retries: number;
  /** Requests by kind and result (`lost` if there was no response). */
  readonly answers: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Comparisons by rule. */
  readonly checks: Readonly<Record<string, number>>;
  readonly violations: readonly Violation[];
  /** Processes that exited unexpectedly, or did not stop when told to. */
  readonly deaths: readonly string[];
  /** In milliseconds since the start. */
  readonly struck: readonly Struck[];
  readonly timeline: readonly Second[];
  /** Where logs and data are kept if something was wrong. */
  readonly directory: string;
}

/** Runs a workload on a cluster under faults, round after round, and checks what happened against all rules. */
export async function runGuarantees(options: RunOptions): Promise<RunResult> {
  const cluster = await Cluster.start(options);
  const run = new Run(options, cluster);
  let isGood = false;
  try {
    const result = await run.run();
    isGood = result.violations.length === 0 && result.deaths.length === 0;
    return result;
  } finally {
    await cluster.stop(!isGood);
  }
}

class Run {
  private readonly random: Random;
  private readonly startedAt = new Date();
  private readonly start = now();
  private readonly violations: Violation[] = [];
  private readonly checks: Record<string, number> = Object.fromEntries(RULES.map(({ name }) => [name, 0]));
  private readonly answers: Record<string, Record<string, number>> = {};
  private readonly timeline: Second[] = [];
  private readonly struck: Struck[] = [];
  /** Every session as it was at the end of its round; it must still be the same at the end of the run. */
  private readonly archive = new Map<string, string>();
  private rounds = 0;
  private events = 0;
  private operations = 0;
  private retries = 0;
  private healedAt = 0;

  constructor(
    private readonly options: RunOptions,
    private readonly cluster: Cluster,
  ) {
    this.random = new Random(options.seed);
  }

  async run(): Promise<RunResult> {
    while (this.elapsed() < this.options.seconds) await this.round();
    await this.checkArchive();
    const { rounds, events, operations, retries, answers, checks, violations, struck, timeline } = this;
    return {
      startedAt: this.startedAt,
      seconds: Math.round(this.elapsed()),
      rounds,
      sessions: this.archive.size,
      events,
      operations,
      retries,
      answers,
      checks,
      violations,
      deaths: this.cluster.deaths,
      struck,
      timeline,
      directory: this.cluster.directory,
    };
  }

  private async round(): Promise<void> {
    const { options, cluster, random } = this;
    const number = ++this.rounds;
    const until = Math.min(this.elapsed() + options.roundSeconds, options.seconds);
    const isOver = () => this.elapsed() >= until;
    const recorder = new HistoryRecorder();
    const workload = new Workload(`run-${options.seed}-${number}`, random.fork());
    const schedule = new FaultSchedule(cluster, options.faults, random.fork());
    const clients = Array.from({ length: options.clients }, () => {
      const own = random.fork();
      return {
        random: own,
        client: new Client({ endpoints: cluster.instances, recorder, random: own.fork() }),
      };
    });

    const followers = workload.sessionIds
      .slice(0, FOLLOWERS)
      .map((sessionId) => new Follower(cluster.instances, sessionId));
    const following = followers.map((follower) => follower.run());

    await Promise.all([
      schedule.run(isOver),
      ...clients.map((one) => workload.run(one.client, one.random, isOver, options.pauseMs)),
      this.tell(recorder, schedule, isOver),
    ]);
    const healing = await cluster.heal().catch((error: unknown) => error);
    this.healedAt = now();
    if (healing instanceof Error) this.violations.push(notHealed(healing));
    await sleep(2500); // requests that clients gave up on may still be under way, for as long as the store's time-out
    await workload.decide((clients[0] as (typeof clients)[number]).client);
    for (const { client } of clients) client.close();

    const final = await readFinalState(await cluster.ready(), workload.sessionIds);
    await untilCaughtUp(followers, final);
    for (const follower of followers) follower.stop();
    await Promise.all(following);
    const followings = followers.flatMap((follower) => follower.followings);
    const remains = await this.lookIntoStore(final, workload.lastDeletedAt);
    const { checks, violations } = check({ exchanges: recorder.exchanges, final, remains, followings });
    for (const [rule, count] of Object.entries(checks)) this.checks[rule] = (this.checks[rule] ?? 0) + count;
    this.violations.push(...violations);
    this.struck.push(
      ...schedule.struck.map((one) => ({ ...one, from: one.from - this.start, to: one.to - this.start })),
    );
    for (const exchange of recorder.exchanges) this.count(exchange);
    for (const session of final.slice(0, workload.sessionIds.length)) {
      this.archive.set(session.sessionId, digestOf(session));
      this.events += session.events.length;
    }
    options.progress(
      `round ${number}: ${recorder.exchanges.length} requests on ${workload.sessionIds.length} sessions, ` +
        `${schedule.struck.length} faults, ${violations.length} violations`,
    );
    if (healing instanceof Error) options.progress(`  VIOLATION: ${healing.message}`);
    for (const { rule, sessionId, what } of violations.slice(0, 5)) {
      options.progress(`  VIOLATION of "${rule}" in ${sessionId}: ${what}`);
    }
  }

  /** Reads what the store still has of the deleted sessions, after the time for erasing. */
  private async lookIntoStore(final: readonly FinalSession[], lastDeletedAt: number): Promise<Remains[]> {
    const deleted = new Set(final.filter((session) => session.deleted).map(({ sessionId }) => sessionId));
    if (!this.cluster.uri || deleted.size === 0) return [];
    await sleep(Math.max(0, Math.max(lastDeletedAt, this.healedAt) + ERASED_WITHIN_MS - now()));
    return readRemains(this.cluster.uri, [...deleted]);
  }

  /** Checks that the sessions of earlier rounds have not changed. */
  private async checkArchive(): Promise<void> {
    const final = await readFinalState((await this.cluster.ready()).slice(0, 1), [...this.archive.keys()]);
    for (const session of final) {
      if (digestOf(session) === this.archive.get(session.sessionId)) continue;
      this.violations.push({
        rule: 'acknowledged writes',
        sessionId: session.sessionId,
        what: 'the session is not what it was at the end of its round',
        evidence: [session],
      });
    }
  }

  private async tell(
    recorder: HistoryRecorder,
    schedule: FaultSchedule,
    isOver: () => boolean,
  ): Promise<void> {
    let told = { at: this.elapsed(), requests: 0 };
    while (!isOver()) {
      await sleep(200);
      const at = this.elapsed();
      if (at - told.at < 10) continue;
      const requests = recorder.exchanges.length;
      const rate = Math.round((requests - told.requests) / (at - told.at));
      this.options.progress(
        `${Math.round(at)} s: round ${this.rounds}, ${requests} requests (${rate}/s), ${schedule.struck.length} faults`,
      );
      told = { at, requests };
    }
  }

  private count({ request: { kind }, answer, attempt, endedAt }: Exchange): void {
    if (attempt === 1) this.operations++;
    else this.retries++;
    const fate = answer ? String(answer.status) : 'lost';
    const ofKind = (this.answers[kind] ??= {});
    ofKind[fate] = (ofKind[fate] ?? 0) + 1;
    const at = Math.floor((endedAt - this.start) / 1000);
    while (this.timeline.length <= at) this.timeline.push({ served: 0, unavailable: 0, lost: 0 });
    const second = this.timeline[at];
    if (second) second[!answer ? 'lost' : answer.status >= 500 ? 'unavailable' : 'served']++;
  }

  private elapsed(): number {
    return (now() - this.start) / 1000;
  }
}

/** Waits until each follower has received all stored events, up to a limit. */
async function untilCaughtUp(followers: readonly Follower[], final: readonly FinalSession[]): Promise<void> {
  const deadline = now() + CAUGHT_UP_WITHIN_MS;
  const hasAll = (follower: Follower) =>
    final.every(
      ({ sessionId, events }) => sessionId !== follower.sessionId || follower.last >= events.length,
    );
  while (now() < deadline && !followers.every((one) => one.isDone || hasAll(one))) await sleep(100);
}

/** The violation for an instance that is still not ready after all faults have ended. */
function notHealed({ message }: Error): Violation {
  return {
    rule: 'known answers',
    sessionId: '-',
    what: `after every fault had ended, ${message}`,
    evidence: [],
  };
}

function digestOf({ session, deleted, events }: FinalSession): string {
  return createHash('sha256')
    .update(JSON.stringify([session, deleted, events]))
    .digest('hex');
}
