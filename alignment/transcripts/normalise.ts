/**
 * Takes out of a transcript what differs from run to run and says nothing about the CLI (ids, times, costs, places), so
 * that a difference between two transcripts means a change.
 */
export class Normaliser {
  readonly #ids = new Map<string, string>();
  readonly #places: readonly (readonly [string, string])[];

  /** `places` are folders and addresses of this run, the longest first, and what stands for them. */
  constructor(places: readonly (readonly [string, string])[]) {
    this.#places = places;
  }

  value(value: unknown, key = ''): unknown {
    if (typeof value === 'string') return this.#text(value, key);
    if (typeof value === 'number') return VARYING.test(key) ? 0 : value;
    if (Array.isArray(value)) return CATALOGUES.has(key) ? [] : value.map((item) => this.value(item));
    if (typeof value !== 'object' || value === null) return value;
    if (COUNTS.has(key)) return {};
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, this.value(member, name)]));
  }

  #text(text: string, key: string): string {
    if (key === 'timestamp' || ISO_TIME.test(text)) return '<time>';
    let changed = text;
    for (const [place, name] of this.#places) changed = changed.replaceAll(place, name);
    return changed.replaceAll(/cc-socks\/\d+/gu, 'cc-socks/<pid>').replaceAll(UUID, (id) => this.#named(id));
  }

  #named(id: string): string {
    const known = this.#ids.get(id);
    if (known !== undefined) return known;
    const name = `<id-${this.#ids.size + 1}>`;
    this.#ids.set(id, name);
    return name;
  }
}

const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gu;
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d/u;
/** Times, costs and counts of tokens: they depend on the machine, the day and the length of a path. */
const VARYING = /(?:_ms|Ms|[tT]okens|_usd|USD|[aA]t|pid)$/u;
/** Long lists of what the CLI has besides, none of which OCP reads. */
const CATALOGUES = new Set([
  'commands',
  'agents',
  'models',
  'slash_commands',
  'skills',
  'plugins',
  'available_output_styles',
]);
/** Sums over a conversation, and the account: likewise. */
const COUNTS = new Set(['account', 'modelUsage', 'model_usage_since_last_result', 'subagent_stats']);
