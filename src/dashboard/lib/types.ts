/** What the server's endpoints answer, as far as the page reads it. Times in ms unless they are ISO text. */

export interface Session {
  readonly role: 'admin' | 'key' | 'shared' | 'anonymous' | 'local' | 'remote' | null;
  readonly name: string | null;
  readonly isAdmin: boolean;
  readonly authMode: 'none' | 'shared' | 'multi';
  readonly csrf: string | null;
  readonly endsAt: string | null;
}

export interface PlanWindow {
  readonly name: string;
  readonly utilization: number | null;
  readonly resetsAt: number | null;
  readonly runsOutAt: number | null;
  readonly atReset: number | null;
}

export interface PlanState {
  readonly profile: string;
  readonly status: string;
  readonly heardAt: number;
  readonly windows: readonly PlanWindow[];
}

export interface Status {
  readonly status: 'ok' | 'degraded';
  readonly version: string;
  readonly startedAt: number;
  readonly plans: readonly PlanState[];
  readonly problem?: string | null;
  readonly claudeVersion?: string | null;
  readonly login?: string | null;
  /** Profiles whose login has ended, with the command that mends each. */
  readonly endedLogins?: readonly { readonly profile: string; readonly command: string }[];
  readonly authMode?: Session['authMode'];
}

export interface LiveRequest {
  readonly id: number;
  readonly caller: string;
  readonly surface: string;
  readonly client: string;
  readonly model: string;
  readonly startedAt: number;
  readonly state: 'waiting' | 'working' | 'streaming';
  readonly firstEventAt: number | null;
  readonly characters: number;
}

export interface Live {
  readonly running: readonly LiveRequest[];
  readonly queue?: {
    readonly running: number;
    readonly most: number;
    readonly waiting: number;
    readonly mostWaiting: number;
    readonly rejections: number;
  };
  readonly workers?: {
    readonly busy: number;
    readonly spares: number;
    readonly ready: number;
    readonly conversations: number;
  };
}

export interface Amounts {
  readonly requests: number;
  readonly errors: number;
  readonly cached: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly usd: number;
}

export interface Stats {
  readonly from: number;
  readonly to: number;
  readonly by: 'hour' | 'day';
  readonly zone: string;
  readonly points: readonly (Amounts & { readonly at: number })[];
  readonly totals: Amounts;
  readonly cacheHitRate: number | null;
  readonly promptCacheShare: number | null;
  readonly firstToken: {
    readonly requests: number;
    readonly p50: number | null;
    readonly p90: number | null;
    readonly p99: number | null;
  };
  readonly errors: readonly { readonly outcome: string; readonly requests: number }[];
  readonly byKey: readonly (Amounts & { readonly account: string; readonly name: string })[];
  readonly byModel: readonly (Amounts & { readonly model: string })[];
}

export interface RequestRow {
  readonly at: number;
  readonly key_name: string;
  readonly model: string;
  readonly model_answered: string | null;
  readonly surface: string;
  readonly client: string;
  readonly outcome: string;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_tokens: number;
  readonly usd: number;
  readonly elapsed_ms: number;
  readonly first_token_ms: number | null;
  readonly source: string | null;
}

export interface Requests {
  readonly requests: readonly (RequestRow & { readonly id: number })[];
  readonly next: string | null;
}

export interface WindowLimits {
  readonly daily: number | null;
  readonly weekly: number | null;
  readonly monthly: number | null;
}

export interface Limits {
  readonly requests: WindowLimits;
  readonly tokens: WindowLimits;
  readonly usd: WindowLimits;
  readonly requestsPerMinute: number | null;
  readonly concurrentTurns: number | null;
}

export interface Key {
  readonly id: number;
  readonly keyPreview: string;
  readonly name: string;
  readonly created_at: string;
  readonly revoked: 0 | 1;
  readonly lastUsedAt: string | null;
  readonly expiresAt: string | null;
  readonly enabled: boolean;
  readonly note: string;
  readonly profile: string;
  readonly profileRemoved: boolean;
  readonly models: readonly string[] | null;
  readonly defaultModel: string | null;
  readonly serverTools: boolean;
  readonly limits: Limits;
}

type Used = { readonly [Window in 'daily' | 'weekly' | 'monthly']: Record<'requests' | 'tokens' | 'usd', number> };

export interface Me {
  readonly role: string;
  readonly name: string;
  readonly key: {
    readonly keyPreview: string;
    readonly expiresAt: string | null;
    readonly profile: string;
    readonly models: readonly string[] | null;
    readonly defaultModel: string | null;
  } | null;
  /** Null = none. */
  readonly limits: Limits | null;
  readonly used: Used;
}

export interface Setting {
  readonly value: number | null;
  /** As it was given, with its unit: `5m`. */
  readonly text: string | null;
  /** `30s to 30m`. */
  readonly range: string;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  readonly desc: string;
  readonly source: 'default' | 'environment' | 'database' | 'runtime';
  readonly env: string;
}
