import { setTimeout as sleep } from 'node:timers/promises';
import { readFinalState, StoreView } from './at-rest.js';
import { check, RULES } from './checker/check.js';
import { type Violation } from './checker/rule.js';
import { Client } from './client.js';
import { Cluster } from './cluster/cluster.js';
import { applyFaults, type Struck } from './faults.js';
import { Follower } from './follower.js';
import { is, now, type Exchange, type FinalSession, type Look } from './history.js';
import { Workload } from './workload.js';

const CLIENTS = 12;
/** How long requests that clients gave up on may still be under way: the store's time-out, and some. */
const UNDER_WAY_MS = 4000;
/** How long a follower may need at the end; without notifications it looks every two seconds. */
const CAUGHT_UP_WITHIN_MS = 20_000;
/** How often instances look for places to remove, and how long that may take on a busy machine. */
const SWEEP_MS = 500;
const SWEPT_WITHIN_MS = 20_000;
const DAY_MS = 86_400_000;

export interface RunOptions {
  readonly seconds: number;
  /** Each round has its own sessions, and is checked when it is over, so that a long run needs no more memory. */
  readonly roundSeconds: number;
  readonly instances: number;
  readonly store: string;
  /** How long an instance is partitioned or suspended: longer than any time-out of the service and its driver. */
  readonly longFaultMs: number;
  /** Additional settings of the instances. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called with a line now and then. */
  readonly progress: (line: string) => void;
}

export interface RunResult {
  readonly seconds: number;
  rounds: number;
  sessions: number;
  events: number;
  /** Requests by result: their status, or `lost` if there was no response. */
  readonly answers: Record<string, number>;
  /** Comparisons by rule. */
  readonly checks: Record<string, number>;
  readonly violations: Violation[];
  readonly struck: Struck[];
  /** Processes that exited unexpectedly, or did not stop when told to. */
  deaths: readonly string[];
  /** Where logs and data are kept if something was wrong. */
  readonly directory: string;
}

/** Runs a workload on a cluster under faults, round after round, and checks what happened against all rules. */
export async function runGuarantees(options: RunOptions): Promise<RunResult> {
  const env = { ERASE_SWEEP_MS: String(SWEEP_MS), ...options.env };
  const cluster = await Cluster.start({ ...options, env });
  const run = new Run(options, cluster);
  try {
    return await run.run();
  } finally {
    await cluster.stop(!run.isGood);
  }
}

class Run {
  private readonly start = now();
  private readonly result: RunResult;
  private readonly view: StoreView | undefined;
  /** Every session as it was at the end of its round; it must still be the same at the end of the run. */
  private readonly archive = new Map<string, string>();
  isGood = false;

  constructor(
    private readonly options: RunOptions,
    private readonly cluster: Cluster,
  ) {
    this.view = cluster.uri === undefined ? undefined : new StoreView(cluster.uri);
    this.result = {
      seconds: options.seconds,
      rounds: 0,
      sessions: 0,
      events: 0,
      answers: {},
      checks: Object.fromEntries(RULES.map(({ name }) => [name, 0])),
      violations: [],
      struck: [],
      deaths: [],
      directory: cluster.directory,
    };
  }

  async run(): Promise<RunResult> {
    const { result, options, start } = this;
    while (now() - start < options.seconds * 1000) await this.round();
    const [first] = this.cluster.instances;
    for (const session of await readFinalState(first ? [first] : [], [...this.archive.keys()])) {
      if (exportOf(session) !== this.archive.get(session.sessionId)) {
        this.violate(session.sessionId, 'the session is not what it was at the end of its round');
      }
    }
    await this.view?.close();
    result.deaths = this.cluster.deaths;
    this.isGood = result.violations.length + result.deaths.length === 0;
    return result;
  }

  private async round(): Promise<void> {
    const { options, cluster, result, start } = this;
    const lasts = Math.min(options.roundSeconds * 1000, start + options.seconds * 1000 - now());
    let until = Infinity;
    let begin: (() => void) | undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const exchanges: Exchange[] = [];
    const looks = new Map<string, Promise<Look>>();
    const record = (exchange: Exchange) => {
      exchanges.push(exchange);
      const fate = String(exchange.answer?.status ?? 'lost');
      result.answers[fate] = (result.answers[fate] ?? 0) + 1;
      if (exchange.answer?.status === 204) this.lookAfter(exchange, looks);
      if (exchange.answer?.status === 201) begin?.();
    };
    const followers: Follower[] = [];
    const following: Promise<void>[] = [];
    const workload = new Workload(`round-${++result.rounds}`, (sessionId) => {
      const endpoint = cluster.instances[followers.length % cluster.instances.length] as Follower['endpoint'];
      const follower = new Follower(endpoint, sessionId);
      followers.push(follower);
      following.push(follower.run());
    });
    const clients = Array.from({ length: CLIENTS }, () => new Client(cluster.instances, record));

    const [struck] = await Promise.all([
      // The time counts from the first write on, however busy the machine is.
      begun.then(() => {
        until = now() + lasts;
        return applyFaults(cluster, options.longFaultMs, until);
      }),
      ...clients.map((client) => workload.run(client, () => now() >= until)),
    ]);
    await this.heal();
    await sleep(UNDER_WAY_MS);
    await workload.decide();

    const seen = await this.lookAgain(await Promise.all(looks.values()));
    const final = await readFinalState(cluster.instances, workload.sessionIds);
    await untilCaughtUp(followers, final);
    const followings = followers.flatMap((follower) => follower.followings);
    for (const follower of followers) follower.stop();
    await Promise.all(following);

    const { checks, violations } = check({ exchanges, final, looks: seen, followings });
    for (const [rule, count] of Object.entries(checks))
      result.checks[rule] = (result.checks[rule] ?? 0) + count;
    result.violations.push(...violations);
    result.struck.push(...struck);
    for (const session of final) {
      if (!this.archive.has(session.sessionId)) result.events += session.events.length;
      this.archive.set(session.sessionId, exportOf(session));
    }
    result.sessions += workload.sessionIds.length;
    options.progress(
      `${Math.round((now() - start) / 1000)} s: round ${result.rounds}, ${exchanges.length} requests on ` +
        `${workload.sessionIds.length} sessions, ${struck.length} faults, ${violations.length} violations`,
    );
    for (const { rule, sessionId, what } of violations.slice(0, 5)) {
      options.progress(`  VIOLATION of "${rule}" in ${sessionId}: ${what}`);
    }
  }

  /** Ends all faults; it breaks a promise if an instance then does not serve again by itself. */
  private async heal(): Promise<void> {
    await this.cluster.heal().catch((error: unknown) => {
      this.violate('-', `after every fault had ended, ${(error as Error).message}`);
    });
  }

  private violate(sessionId: string, what: string): void {
    this.result.violations.push({ rule: 'acknowledged writes', sessionId, what, evidence: [] });
  }

  /** Looks into the store when a deletion or redaction is acknowledged for the first time. */
  private lookAfter(exchange: Exchange, looks: Map<string, Promise<Look>>): void {
    const { sessionId } = exchange;
    const about = is(exchange, 'redact')
      ? ({ sessionId, after: 'redaction', eventId: exchange.request.eventId } as const)
      : ({ sessionId, after: 'deletion' } as const);
    const key = JSON.stringify(about);
    if (this.view && !looks.has(key)) looks.set(key, this.view.look(about));
  }

  /** Looks at all of that again at the end of a round, and then a day later, for which all clocks are set on. */
  private async lookAgain(looks: readonly Look[]): Promise<Look[]> {
    const { view, cluster } = this;
    if (!view) return [];
    const again = await Promise.all(looks.map(({ documents: _before, ...about }) => view.look(about)));
    for (const instance of cluster.instances) instance.setClock(2 * DAY_MS);
    const deleted = looks.filter(({ after }) => after === 'deletion');
    const lookLater = () =>
      Promise.all(deleted.map(({ sessionId }) => view.look({ sessionId, after: 'the day' })));
    const isSwept = ({ documents }: Look) => documents.every(({ collection }) => collection !== 'events');
    const deadline = now() + SWEPT_WITHIN_MS;
    let later = await lookLater();
    while (!later.every(isSwept) && now() < deadline) {
      await sleep(SWEEP_MS);
      later = await lookLater();
    }
    for (const instance of cluster.instances) instance.setClock(0);
    return [...looks, ...again, ...later];
  }
}

/** Waits until each follower has received all stored events, or was told that nothing more comes, up to a limit. */
async function untilCaughtUp(followers: readonly Follower[], final: readonly FinalSession[]): Promise<void> {
  const deadline = now() + CAUGHT_UP_WITHIN_MS;
  const hasAll = (follower: Follower) => {
    const { session, events } = final.find(
      ({ sessionId }) => sessionId === follower.sessionId,
    ) as FinalSession;
    return session !== null && session.endedAt === null && follower.last >= events.length;
  };
  while (now() < deadline && !followers.every((one) => one.isDone || hasAll(one))) await sleep(100);
}

function exportOf({ session, deleted, events }: FinalSession): string {
  return JSON.stringify([session, deleted, events]);
}
