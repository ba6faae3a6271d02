import type { Row, Source } from './row.ts';

const page: Source = { page: 'env-vars' };
const quiet = 'the environment: nobody is called but the Messages endpoint of ANTHROPIC_BASE_URL';
const clean = 'the environment: no note of the CLI’s own gets beside a client’s tools, and no other tool';

function variable(name: string, use: string, source: Source, ...tests: readonly string[]): Row {
  return { kind: 'variable', name, use, source, tests };
}

/** The environment. */
export const variableRows: readonly Row[] = [
  variable(
    'HOME',
    'where the CLI keeps its login and settings, unless CLAUDE_CONFIG_DIR says otherwise',
    { page: 'settings' },
    'the environment: without CLAUDE_CONFIG_DIR the CLI keeps its things below HOME',
  ),
  variable(
    'CLAUDE_CONFIG_DIR',
    'the folder of a login: each profile has its own',
    page,
    'the environment: `--setting-sources=` keeps settings and CLAUDE.md of the operator out',
    'the environment: without CLAUDE_CONFIG_DIR the CLI keeps its things below HOME',
  ),
  variable(
    'CLAUDE_CODE_OAUTH_TOKEN',
    'the login of a plan, without a browser',
    page,
    'a plan and the models: a token of a plan is sent as such, and `rate_limit_event` tells what is left of each window',
  ),
  variable(
    'ANTHROPIC_API_KEY',
    'an API key as the login, where the operator lists it',
    page,
    'an answer: the login is the API key of the environment',
  ),
  variable(
    'ANTHROPIC_AUTH_TOKEN',
    'a bearer token as the login, where the operator lists it; empty: none',
    page,
    'the environment: ANTHROPIC_AUTH_TOKEN is a login of its own, sent as a bearer token',
  ),
  variable('ANTHROPIC_BASE_URL', 'where the API is, where the operator lists it', page, quiet),
  ...(['HTTP_PROXY', 'http_proxy'] as const).map((name) =>
    variable(
      name,
      'a proxy on the way to the API',
      { page: 'network-config' },
      `the environment: a proxy of ${name} is used, except for hosts of ${name === 'HTTP_PROXY' ? 'NO_PROXY' : 'no_proxy'}`,
    ),
  ),
  ...(['HTTPS_PROXY', 'https_proxy'] as const).map((name) =>
    variable(
      name,
      'a proxy on the way to the API',
      { page: 'network-config' },
      `the environment: a proxy of ${name} is asked for a tunnel`,
    ),
  ),
  ...(['NO_PROXY', 'no_proxy'] as const).map((name) =>
    variable(
      name,
      'hosts that are reached without the proxy',
      { page: 'network-config' },
      `the environment: a proxy of ${name === 'NO_PROXY' ? 'HTTP_PROXY' : 'http_proxy'} is used, except for hosts of ${name}`,
    ),
  ),
  variable(
    'NODE_EXTRA_CA_CERTS',
    'a certificate authority of the operator',
    { page: 'network-config' },
    'the environment: a certificate of NODE_EXTRA_CA_CERTS is trusted',
  ),
  ...(['ALL_PROXY', 'all_proxy', 'SSL_CERT_FILE', 'SSL_CERT_DIR'] as const).map((name) =>
    variable(
      name,
      'passed on; what the CLI makes of it is its own affair',
      'observed',
      'test/claude/environment.test.ts: a worker sees only what it needs',
    ),
  ),
  variable(
    'CLAUDE_AGENT_SDK_MCP_NO_PREFIX',
    'a client’s tools keep their names',
    page,
    'tools of a client: are taken over with the set-up, under their own names and without a further question',
  ),
  variable('ENABLE_TOOL_SEARCH', '`false`: all tools are told to the model at once', page, clean),
  variable(
    'CLAUDE_CODE_DISABLE_ATTACHMENTS',
    'no notes of the CLI in messages and results',
    page,
    clean,
    'an answer: `client_composed` keeps paths and commands in a client’s text plain text',
  ),
  ...(['DISABLE_AUTO_COMPACT', 'DISABLE_COMPACT'] as const).map((name) =>
    variable(
      name,
      'a conversation that is too long fails instead of being summarised',
      page,
      'failures: a prompt over the window fails without a call, and is not compacted',
    ),
  ),
  ...(['DISABLE_AUTOUPDATER', 'DISABLE_TELEMETRY', 'CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC'] as const).map((name) =>
    variable(name, 'a worker calls the Messages endpoint and nobody else', page, quiet),
  ),
  variable('CLAUDE_CODE_DISABLE_AUTO_MEMORY', 'no memory of the machine in a prompt', page, clean),
  variable(
    'CLAUDE_CODE_DISABLE_CLAUDE_MDS',
    'no CLAUDE.md in a prompt',
    page,
    'the environment: with the settings of the operator, `--settings` is above their env and CLAUDE.md is read',
  ),
  variable('CLAUDE_CODE_DISABLE_BACKGROUND_TASKS', 'no work goes on behind an answer', page, clean),
  variable('CLAUDE_CODE_DISABLE_TERMINAL_TITLE', 'no call of the API for a title', page, quiet),
  variable('CLAUDE_CODE_DISABLE_GIT_INSTRUCTIONS', 'a client’s tool named Bash brings no note on git', page, clean),
  variable(
    'CLAUDE_CODE_NO_MODEL_FALLBACK',
    'no other model answers',
    'observed',
    'failures: after a refusal or an overload no other model is tried',
  ),
  variable(
    'CLAUDE_CODE_DISABLE_REFUSAL_FALLBACK',
    'likewise after a refusal',
    'observed',
    'failures: after a refusal or an overload no other model is tried',
  ),
  variable(
    'CLAUDE_CODE_DISABLE_REFUSAL_RETRY',
    'a refused question is not asked again',
    'observed',
    'failures: after a refusal or an overload no other model is tried',
  ),
  variable(
    'CLAUDE_CODE_DISABLE_NONSTREAMING_FALLBACK',
    'a stream that broke is not fetched again as a whole',
    page,
    'failures: a stream that breaks is not fetched again without streaming',
  ),
  variable(
    'CLAUDE_CODE_MAX_RETRIES',
    'how often a failed call is repeated',
    page,
    'failures: CLAUDE_CODE_MAX_RETRIES bounds the repeats, and the result tells the status of the API',
  ),
  variable(
    'CLAUDE_CODE_TMPDIR',
    'where temporary files go, so that they go with the worker',
    page,
    'the environment: temporary files go where CLAUDE_CODE_TMPDIR says',
  ),
  variable(
    'CLAUDE_CODE_MAX_OUTPUT_TOKENS',
    '`max_tokens` of the next call; empty: the model’s own',
    page,
    'an answer: `apply_flag_settings` sets the most tokens and the effort, and takes them back',
  ),
  variable(
    'CLAUDE_CODE_DISABLE_THINKING',
    'the CLI asks for no thinking of its own accord, so that a model does as it does by default',
    page,
    'an answer: with CLAUDE_CODE_DISABLE_THINKING and no effort, neither is sent, and thinking in the history is kept',
  ),
  variable(
    'CLAUDE_CODE_EFFORT_LEVEL',
    'the effort of the next call; `unset`: none is sent',
    page,
    'an answer: `apply_flag_settings` sets the most tokens and the effort, and takes them back',
  ),
  variable(
    'CLAUDE_CODE_EXTRA_BODY',
    '`thinking` of the next call, as the client asked for it; empty: nothing',
    page,
    'an answer: `thinking` in CLAUDE_CODE_EXTRA_BODY is sent as it is, on every model, and an empty value takes it back',
  ),
  variable(
    'MAX_STRUCTURED_OUTPUT_RETRIES',
    'how often the model may try to meet a schema',
    page,
    'structured output: that misses the schema is asked for as often as MAX_STRUCTURED_OUTPUT_RETRIES says, and then fails',
  ),
  variable(
    'CLAUDE_CODE_BLOCKING_LIMIT_OVERRIDE',
    '1: the turn of a first message that is only told ends before the API is called',
    'observed',
    'a history: whose first message was cut off by the limit is the same as one that was said live, and costs no call',
  ),
];
