interface KnownRoute {
  readonly url: string;
  readonly segments: readonly string[];
  readonly methods: Set<string>;
}

/** Where the surfaces begin. */
const VERSION = 'v1';
/** Characters of an address that are repeated in a message. */
const LONGEST_SHOWN = 100;

/** The addresses that the server has, for the answers to requests that miss them. */
export class KnownRoutes {
  readonly #routes = new Map<string, KnownRoute>();

  add(methods: string | readonly string[], url: string): void {
    const route = this.#routes.get(url) ?? { url, segments: segmentsOf(url), methods: new Set<string>() };
    for (const method of [methods].flat()) route.methods.add(method);
    this.#routes.set(url, route);
  }

  /** The methods of an address, OPTIONS included; none where there is no such address. */
  methodsAt(target: string): readonly string[] {
    const segments = segmentsOf(target);
    const found = [...this.#routes.values()].filter(
      (route) => route.segments.length === segments.length && endsWith(segments, route.segments),
    );
    const methods = new Set(found.flatMap((route) => [...route.methods]));
    return methods.size === 0 ? [] : [...methods, 'OPTIONS'].toSorted();
  }

  /** What to tell a client that missed: the address that it most likely meant, and what is wrong with its base URL. */
  hint(target: string): string {
    const segments = segmentsOf(target);
    const shown = `/${segments.join('/')}`.slice(0, LONGEST_SHOWN);
    const [meant] = [...this.#routes.values()]
      .filter(({ segments: [first] }) => first === VERSION)
      .map((route) => ({ route, tail: route.segments.slice(1) }))
      .filter(({ tail }) => tail.length > 0 && endsWith(segments, tail))
      .toSorted((a, b) => b.tail.length - a.tail.length || Number(isPattern(a.tail)) - Number(isPattern(b.tail)));
    if (meant === undefined) {
      const isBase = segments.length === 0 || (segments.length === 1 && segments[0]?.toLowerCase() === VERSION);
      return isBase
        ? 'This is OCP, but no endpoint. The base URL ends in /v1: the endpoints are /v1/chat/completions, /v1/responses, /v1/messages and /v1/models.'
        : `There is no endpoint ${shown}. OCP serves /v1/chat/completions, /v1/responses, /v1/messages and /v1/models; docs/api.md lists everything.`;
    }
    const { tail } = meant;
    const before = segments.slice(0, segments.length - tail.length).map((segment) => segment.toLowerCase());
    const address = `/${[VERSION, ...segments.slice(before.length)].join('/')}`.slice(0, LONGEST_SHOWN);
    return `There is no endpoint ${shown}. ${this.#reason(before)} The address is ${address}.`;
  }

  #reason(before: readonly string[]): string {
    if (before.length === 0) return 'Your base URL lacks /v1.';
    if (before.length > 1 && before.every((segment) => segment === VERSION))
      return 'Your base URL has /v1 once too often: leave it out where the client adds it by itself.';
    const isEndpoint = [...this.#routes.values()].some(
      (route) => route.segments.length > 1 && endsWith(before, route.segments.slice(1)),
    );
    if (isEndpoint) return 'Your base URL names an endpoint: it has to end in /v1.';
    return before.includes(VERSION)
      ? 'Your base URL has more than /v1 after the host.'
      : `Your base URL has /${before.join('/')} where /v1 belongs.`.slice(0, LONGEST_SHOWN);
  }
}

function segmentsOf(target: string): readonly string[] {
  return (target.split('?', 1)[0] ?? '').split('/').filter((segment) => segment !== '');
}

/** Whether an address ends with a pattern, in which `:name` stands for any one segment. */
function endsWith(segments: readonly string[], pattern: readonly string[]): boolean {
  const start = segments.length - pattern.length;
  return (
    start >= 0 &&
    pattern.every((part, index) => part.startsWith(':') || part === segments[start + index]?.toLowerCase())
  );
}

function isPattern(segments: readonly string[]): boolean {
  return segments.some((segment) => segment.startsWith(':'));
}
