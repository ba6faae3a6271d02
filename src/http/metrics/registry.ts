/** Labels by name. */
export type Labels = Readonly<Record<string, string>>;

/** One value with its labels. */
export type Sample = readonly [labels: Labels, value: number];

/** Something that can be shown as one metric. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** Lines of its values, without the lines about it. */
  lines(): string[];
}

/** A number that only grows. */
export class Counter implements Metric {
  readonly name: string;
  readonly help: string;
  readonly type = 'counter';
  readonly #values = new Map<string, number>();

  constructor(name: string, help: string) {
    this.name = name;
    this.help = help;
  }

  add(labels: Labels, value = 1): void {
    const text = labelText(labels);
    this.#values.set(text, (this.#values.get(text) ?? 0) + value);
  }

  lines(): string[] {
    return [...this.#values].map(([labels, value]) => line(this.name, labels, value));
  }
}

/** Numbers that are read when somebody asks. */
export class Reading implements Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly #read: () => readonly Sample[];

  constructor(name: string, help: string, read: () => readonly Sample[], type: 'counter' | 'gauge' = 'gauge') {
    this.name = name;
    this.help = help;
    this.#read = read;
    this.type = type;
  }

  lines(): string[] {
    return this.#read().map(([labels, value]) => line(this.name, labelText(labels), value));
  }
}

interface Distribution {
  readonly labels: Labels;
  /** How many were at most as large as each bound; the last one counts all. */
  readonly counts: number[];
  sum: number;
}

/** How often a value was at most how large. */
export class Histogram implements Metric {
  readonly name: string;
  readonly help: string;
  readonly type = 'histogram';
  readonly #bounds: readonly number[];
  readonly #byLabels = new Map<string, Distribution>();

  /** `bounds` ascend. */
  constructor(name: string, help: string, bounds: readonly number[]) {
    this.name = name;
    this.help = help;
    this.#bounds = [...bounds, Number.POSITIVE_INFINITY];
  }

  observe(labels: Labels, value: number): void {
    const text = labelText(labels);
    const known = this.#byLabels.get(text) ?? { labels, counts: this.#bounds.map(() => 0), sum: 0 };
    this.#byLabels.set(text, known);
    known.sum += value;
    for (const [index, bound] of this.#bounds.entries()) {
      if (value <= bound) known.counts[index] = (known.counts[index] ?? 0) + 1;
    }
  }

  lines(): string[] {
    return [...this.#byLabels].flatMap(([text, { labels, counts, sum }]) => [
      ...this.#bounds.map((bound, index) =>
        line(`${this.name}_bucket`, labelText({ ...labels, le: numberText(bound) }), counts[index] ?? 0),
      ),
      line(`${this.name}_sum`, text, sum),
      line(`${this.name}_count`, text, counts.at(-1) ?? 0),
    ]);
  }
}

/** The metrics in Prometheus' text format. Contract: Prometheus, "Exposition formats", version 0.0.4. */
export function expose(metrics: readonly Metric[]): string {
  const parts = metrics.flatMap((metric) => [
    `# HELP ${metric.name} ${metric.help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
    `# TYPE ${metric.name} ${metric.type}`,
    ...metric.lines(),
  ]);
  return `${parts.join('\n')}\n`;
}

function line(name: string, labels: string, value: number): string {
  return `${name}${labels} ${numberText(value)}`;
}

function labelText(labels: Labels): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function numberText(value: number): string {
  return value === Number.POSITIVE_INFINITY ? '+Inf' : String(value);
}
