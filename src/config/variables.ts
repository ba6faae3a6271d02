import { networkOf } from './networks.ts';

/**
 * Every environment variable that OCP reads, as data: reading, checking and the documentation derive from this table.
 * Names and defaults are OCP's published contract. An empty value counts as unset.
 */

interface Common {
  /** The property of `Config`. */
  readonly key: string;
  /** The environment variable. */
  readonly name: string;
  readonly description: string;
  /** How the documentation shows a default that is computed, or that is not the plain value. */
  readonly defaultText?: string;
}

/** One row of the table. A `default` of `undefined` means: stays unset. */
export type VariableDefinition = Common &
  (
    | {
        readonly kind: 'integer';
        readonly min: number;
        readonly max: number;
        /** Times (`ms`, `s`, `days`) may also be written as a duration, such as `5m`. */
        readonly unit?: 'ms' | 's' | 'days' | 'chars' | 'bytes' | 'MiB';
        readonly default: number | undefined;
      }
    | { readonly kind: 'boolean'; readonly default: boolean }
    | { readonly kind: 'choice'; readonly choices: readonly string[]; readonly default: string | undefined }
    /** Any text without control characters other than line breaks and tabs. */
    | { readonly kind: 'text'; readonly default: undefined }
    /** Printable ASCII without spaces, since it travels in a header. Its value is never shown. */
    | { readonly kind: 'secret'; readonly default: undefined }
    /** Absolute, or starting with `~/`. */
    | { readonly kind: 'path'; readonly default: string | undefined }
    /** An IP address or `localhost`. */
    | { readonly kind: 'address'; readonly default: string }
    /** Names separated by commas; `item` says what each may look like. */
    | {
        readonly kind: 'list';
        readonly item: Pick<RegExp, 'test'>;
        readonly itemText: string;
        readonly default: readonly string[];
      }
  );

export const variables = [
  {
    key: 'port',
    name: 'CLAUDE_PROXY_PORT',
    kind: 'integer',
    min: 0,
    max: 65535,
    default: 3456,
    description: 'Port to listen on; 0 takes any free one.',
  },
  {
    key: 'bind',
    name: 'CLAUDE_BIND',
    kind: 'address',
    default: '127.0.0.1',
    description: 'Address to listen on; 0.0.0.0 opens OCP to the local network.',
  },
  {
    key: 'authMode',
    name: 'CLAUDE_AUTH_MODE',
    kind: 'choice',
    choices: ['none', 'shared', 'multi'],
    default: undefined,
    defaultText: 'none; shared when PROXY_API_KEY is set',
    description: 'Who may call: anyone, holders of one shared key, or holders of their own keys.',
  },
  {
    key: 'adminKey',
    name: 'OCP_ADMIN_KEY',
    kind: 'secret',
    default: undefined,
    defaultText: 'the file admin-key in OCP_HOME',
    description: 'Key of whoever administers OCP.',
  },
  {
    key: 'sharedKey',
    name: 'PROXY_API_KEY',
    kind: 'secret',
    default: undefined,
    description: 'The one key of the auth mode shared.',
  },
  {
    key: 'anonymousKey',
    name: 'PROXY_ANONYMOUS_KEY',
    kind: 'secret',
    default: undefined,
    description:
      'A public key that anyone may use in the auth mode multi; /health shows it. A convenience, not a secret.',
  },
  {
    key: 'metricsToken',
    name: 'OCP_METRICS_TOKEN',
    kind: 'secret',
    default: undefined,
    description: 'Token that opens /metrics, and nothing else; the admin key opens it too.',
  },
  {
    key: 'claudeBin',
    name: 'CLAUDE_BIN',
    kind: 'path',
    default: undefined,
    defaultText: 'claude on the PATH, else the one installed with OCP',
    description: 'The Claude CLI to drive.',
  },
  {
    key: 'timeout',
    name: 'CLAUDE_TIMEOUT',
    kind: 'integer',
    min: 30_000,
    max: 1_800_000,
    unit: 'ms',
    default: 600_000,
    description: 'Longest time that one request may take.',
  },
  {
    key: 'heartbeatInterval',
    name: 'CLAUDE_HEARTBEAT_INTERVAL',
    kind: 'integer',
    min: 0,
    max: 600_000,
    unit: 'ms',
    default: 15_000,
    description:
      'Silence in a stream after which the client is told that it goes on: a `ping` event on Messages, a comment on the other APIs. From the first one on, a failure is an event of the stream; 0 sends none.',
  },
  {
    key: 'maxConcurrent',
    name: 'CLAUDE_MAX_CONCURRENT',
    kind: 'integer',
    min: 1,
    max: 512,
    default: 8,
    description: 'Turns that run at the same time.',
  },
  {
    key: 'maxQueue',
    name: 'CLAUDE_MAX_QUEUE',
    kind: 'integer',
    min: 0,
    max: 10_000,
    default: 16,
    description: 'Requests that may wait for a place; one more is answered 429.',
  },
  {
    key: 'queueRetryAfter',
    name: 'CLAUDE_QUEUE_RETRY_AFTER',
    kind: 'integer',
    min: 1,
    max: 3600,
    unit: 's',
    default: 5,
    description: 'Retry-After of a request that found the queue full.',
  },
  {
    key: 'maxPromptChars',
    name: 'CLAUDE_MAX_PROMPT_CHARS',
    kind: 'integer',
    min: 10_000,
    max: 1_000_000,
    unit: 'chars',
    default: undefined,
    defaultText: "the model's own context window",
    description: 'Longest prompt; more is answered 400, or cut when OCP_TRUNCATE says so.',
  },
  {
    key: 'truncate',
    name: 'OCP_TRUNCATE',
    kind: 'choice',
    choices: ['oldest'],
    default: undefined,
    description: 'oldest drops the oldest messages of a prompt that is too long; unset refuses it.',
  },
  {
    key: 'maxBodySize',
    name: 'CLAUDE_MAX_BODY_SIZE',
    kind: 'integer',
    min: 1024,
    max: 268_435_456,
    unit: 'bytes',
    default: undefined,
    defaultText: '33554432; less where memory is small',
    description: 'Largest request body, decoded. More is answered 413.',
  },
  {
    key: 'bodyMaxValues',
    name: 'OCP_BODY_MAX_VALUES',
    kind: 'integer',
    min: 1000,
    max: 2_000_000,
    default: 200_000,
    description: 'Most JSON values of a request body. More is answered 413, unparsed.',
  },
  {
    key: 'bodyMaxDepth',
    name: 'OCP_BODY_MAX_DEPTH',
    kind: 'integer',
    min: 20,
    max: 200,
    default: 200,
    description: 'Deepest nesting of a request body. More is answered 400, unparsed.',
  },
  {
    key: 'bodiesMaxMb',
    name: 'OCP_BODIES_MAX_MB',
    kind: 'integer',
    min: 8,
    max: 1_048_576,
    unit: 'MiB',
    default: undefined,
    defaultText: 'an eighth of the memory',
    description:
      'Room for all request bodies that are being received or worked on; a caller with several of them gets half at most. Beyond it the answer is 503.',
  },
  {
    key: 'sessionTtl',
    name: 'CLAUDE_SESSION_TTL',
    kind: 'integer',
    min: 60_000,
    max: 86_400_000,
    unit: 'ms',
    default: 3_600_000,
    description: 'How long a conversation is kept ready to go on after its last use.',
  },
  {
    key: 'cacheTtl',
    name: 'CLAUDE_CACHE_TTL',
    kind: 'integer',
    min: 0,
    max: 86_400_000,
    unit: 'ms',
    default: 0,
    description: 'How long whole answers are kept for identical requests of the same key; 0 turns the cache off.',
  },
  {
    key: 'cacheMaxMb',
    name: 'OCP_CACHE_MAX_MB',
    kind: 'integer',
    min: 1,
    max: 1_048_576,
    unit: 'MiB',
    default: 64,
    description: 'Most that kept answers may take; beyond it the oldest go.',
  },
  {
    key: 'sessionsMaxMb',
    name: 'OCP_SESSIONS_MAX_MB',
    kind: 'integer',
    min: 1,
    max: 1_048_576,
    unit: 'MiB',
    default: 64,
    description:
      'Most memory that named conversations may take; beyond it, the caller who holds the most loses their least recently used.',
  },
  {
    key: 'usageDays',
    name: 'OCP_USAGE_DAYS',
    kind: 'integer',
    min: 1,
    max: 3650,
    unit: 'days',
    default: 90,
    description: 'How long single requests are kept for usage; their sums by hour stay.',
  },
  {
    key: 'quotaCountsCached',
    name: 'OCP_QUOTA_COUNTS_CACHED',
    kind: 'boolean',
    default: true,
    description: "Count answers from the response cache towards a key's request quotas.",
  },
  {
    key: 'responsesTtl',
    name: 'OCP_RESPONSES_TTL',
    kind: 'integer',
    min: 0,
    max: 31_536_000_000,
    unit: 'ms',
    default: 2_592_000_000,
    defaultText: '30 days',
    description: 'How long responses are kept for previous_response_id after the last use; 0 keeps none.',
  },
  {
    key: 'responsesMaxMb',
    name: 'OCP_RESPONSES_MAX_MB',
    kind: 'integer',
    min: 1,
    max: 1_048_576,
    unit: 'MiB',
    default: 512,
    description: 'Most that kept responses may take; beyond it the ones longest unused go.',
  },
  {
    key: 'defaultModel',
    name: 'OCP_DEFAULT_MODEL',
    kind: 'text',
    default: undefined,
    defaultText: 'the default of models.json: sonnet',
    description: 'Model of a request that names none: an id or an alias.',
  },
  {
    key: 'modelAliases',
    name: 'OCP_MODEL_ALIASES',
    kind: 'list',
    item: /^[^\s,=]+=[^\s,=]+$/,
    itemText: 'names for models such as gpt-5.5=sonnet',
    default: [],
    defaultText: 'none',
    description: 'Further names for models, for tools that insist on a name of their own.',
  },
  {
    key: 'systemPrompt',
    name: 'CLAUDE_SYSTEM_PROMPT',
    kind: 'text',
    default: undefined,
    description: "Text put before every client's system prompt.",
  },
  {
    key: 'allowedTools',
    name: 'CLAUDE_ALLOWED_TOOLS',
    kind: 'list',
    item: /^[A-Za-z][A-Za-z0-9_-]*(?:\([^()]*\))?$/,
    itemText: 'tool names such as WebSearch or Bash(git log *)',
    default: [],
    defaultText: 'none',
    description:
      "Tools of the CLI itself that run on this machine, for the admin and for this machine's own callers without a key.",
  },
  {
    key: 'skipPermissions',
    name: 'CLAUDE_SKIP_PERMISSIONS',
    kind: 'boolean',
    default: false,
    description:
      'Run the allowed tools without permission checks. Needs CLAUDE_ALLOWED_TOOLS; in the auth mode multi also a key that is marked for server tools.',
  },
  {
    key: 'noContext',
    name: 'CLAUDE_NO_CONTEXT',
    kind: 'boolean',
    default: true,
    description:
      'Keep CLAUDE.md and memory of this machine out of answers; false loads them for admin and local callers.',
  },
  {
    key: 'home',
    name: 'OCP_HOME',
    kind: 'path',
    default: '~/.ocp',
    description: 'Folder of what OCP keeps, such as the admin key.',
  },
  {
    key: 'claudeEnv',
    name: 'OCP_CLAUDE_ENV',
    kind: 'list',
    item: /^[A-Za-z_][A-Za-z0-9_]*$/,
    itemText: 'names of environment variables',
    default: [],
    defaultText: 'none',
    description: 'Further environment variables that the CLI may see, such as ANTHROPIC_BASE_URL.',
  },
  {
    key: 'trustLoopback',
    name: 'OCP_TRUST_LOOPBACK',
    kind: 'boolean',
    default: true,
    description: 'Let callers on this machine in without a key; false treats them like remote ones.',
  },
  {
    key: 'allowedHosts',
    name: 'OCP_ALLOWED_HOSTS',
    kind: 'list',
    item: /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/,
    itemText: 'host names or addresses, with or without a port',
    default: [],
    defaultText: 'none',
    description: "Host names by which OCP may be called, besides this machine's own.",
  },
  {
    key: 'trustedProxies',
    name: 'OCP_TRUSTED_PROXIES',
    kind: 'list',
    item: { test: (text: string) => networkOf(text) !== undefined },
    itemText: 'addresses or networks such as 192.168.1.5 or 10.0.0.0/8',
    default: [],
    defaultText: 'none',
    description:
      'Reverse proxies whose X-Forwarded-For or Forwarded tells the address of a client. Headers of any other proxy only make a request remote.',
  },
  {
    key: 'corsOrigins',
    name: 'OCP_CORS_ORIGINS',
    kind: 'list',
    item: /^[a-z][a-z0-9+.-]*:\/\/[^/?#@\s]+$/,
    itemText: 'origins such as https://chat.example.org',
    default: [],
    defaultText: 'none',
    description: 'Web origins whose pages may call OCP from a browser.',
  },
  {
    key: 'allowOpenLan',
    name: 'OCP_ALLOW_OPEN_LAN',
    kind: 'boolean',
    default: false,
    description: 'Allow the auth mode none on an address that other machines can reach.',
  },
  {
    key: 'sparesMemoryMb',
    name: 'OCP_SPARES_MEMORY_MB',
    kind: 'integer',
    min: 0,
    max: 1_048_576,
    unit: 'MiB',
    default: undefined,
    defaultText: 'a quarter of the memory, at most 4096',
    description: 'Memory for idle CLI workers that wait for requests.',
  },
  {
    key: 'backupEvery',
    name: 'OCP_BACKUP_EVERY',
    kind: 'integer',
    min: 60_000,
    max: 31_536_000_000,
    unit: 'ms',
    default: undefined,
    defaultText: 'no backups',
    description: 'How often the server makes a backup, without secrets.',
  },
  {
    key: 'backupKeep',
    name: 'OCP_BACKUP_KEEP',
    kind: 'integer',
    min: 1,
    max: 1000,
    default: 7,
    description: 'How many backups of the server are kept; beyond it the oldest go.',
  },
  {
    key: 'backupDir',
    name: 'OCP_BACKUP_DIR',
    kind: 'path',
    default: undefined,
    defaultText: 'backups in OCP_HOME',
    description: 'Folder for backups.',
  },
] as const satisfies readonly VariableDefinition[];
