/** What limits count. */
export interface Amounts {
  /** Successful requests. */
  readonly requests: number;
  /** Tokens, in and out, cached ones included. */
  readonly tokens: number;
  /** USD at list price. */
  readonly usd: number;
}

export type Metric = keyof Amounts;

/** In the order in which an exceeded limit is looked for. */
export const metrics: readonly Metric[] = ['requests', 'tokens', 'usd'];

export const nothing: Amounts = { requests: 0, tokens: 0, usd: 0 };

export function plus(a: Amounts, b: Amounts): Amounts {
  return { requests: a.requests + b.requests, tokens: a.tokens + b.tokens, usd: a.usd + b.usd };
}

export function minus(a: Amounts, b: Amounts): Amounts {
  return { requests: a.requests - b.requests, tokens: a.tokens - b.tokens, usd: a.usd - b.usd };
}
