import { call, OcpFailure } from './client.js';
import { isShared } from './owner.js';
import { short, table } from './text.js';

const LOG_CHARACTERS = 1800;

/** What `/ocp` can do, by its words, in the order of its help. `run` gives the text of the reply; OcpFailure is its text too. */
export const subcommands = {
  status: { usage: 'status', summary: 'how OCP is doing', run: status },
  usage: {
    usage: 'usage',
    summary: 'what the plan has left, and what was asked of each model',
    isForOwner: true,
    run: usage,
  },
  models: { usage: 'models', summary: 'the models', run: models },
  health: { usage: 'health', summary: 'what runs, and what is wrong', run: health },
  keys: { usage: 'keys', summary: 'the keys', isForOwner: true, run: keys },
  'keys add': { usage: 'keys add NAME', summary: 'make a key', isForOwner: true, changes: true, run: addKey },
  'keys revoke': {
    usage: 'keys revoke NAME',
    summary: 'revoke a key',
    isForOwner: true,
    changes: true,
    run: revokeKey,
  },
  settings: {
    usage: 'settings [NAME VALUE]',
    summary: 'the settings; change one',
    isForOwner: true,
    changes: true,
    run: settings,
  },
  sessions: { usage: 'sessions', summary: 'conversations that clients named', isForOwner: true, run: sessions },
  clear: { usage: 'clear', summary: 'forget them', isForOwner: true, changes: true, run: clear },
  logs: { usage: 'logs [N] [LEVEL]', summary: 'the newest lines of the log', isForOwner: true, run: logs },
};

async function status({ config, world }) {
  const { status, version, uptimeHuman, auth, authMode, stats } = await call(config, world, { path: '/health' });
  return table([
    ['OCP', `${version}: ${status}`],
    ['Up', uptimeHuman],
    ['Login', auth?.message],
    ['Mode', authMode],
    [
      'Requests',
      `${stats?.totalRequests} (${stats?.activeRequests} now, ${stats?.errors} failed, ${stats?.timeouts} too slow)`,
    ],
  ]);
}

async function health({ config, world }) {
  const found = await call(config, world, { path: '/health' });
  const rows = [
    ['Status', found.status],
    ['Problem', found.problem ?? 'none'],
    ['CLI', `${found.claudeVersion ?? 'unknown'}${found.claudeBinaryOk === true ? '' : ' (cannot be used)'}`],
    ['Login', found.auth?.message],
    [
      'Turns',
      `${found.concurrency?.inflight} of ${found.concurrency?.maxConcurrent}, ${found.concurrency?.queued} wait`,
    ],
    [
      'Workers',
      `${found.workers?.busy} busy, ${found.workers?.spares} spare, ${found.workers?.conversations} in conversations`,
    ],
    ['Errors', String(found.stats?.errors)],
  ];
  const errors = (found.recentErrors ?? []).map(({ time, message }) => `${time}  ${short(message, 120)}`);
  return [table(rows), ...errors].join('\n');
}

async function models({ config, world }) {
  const { data = [] } = await call(config, world, { path: '/v1/models', isAdmin: true });
  return data.map(({ id }) => id).join('\n') || 'There are no models.';
}

async function usage({ config, world }) {
  const found = await call(config, world, { path: '/usage', isAdmin: true, accepts: [502] });
  const window = (name, value) =>
    value === undefined || value === null
      ? []
      : [[name, `${value.percent ?? '?'} used`, `resets in ${value.resetsIn ?? '?'}`]];
  const plan = [
    ...window('Session', found.plan?.currentSession),
    ...window('Week', found.plan?.weeklyLimits?.allModels),
    ...(found.plan?.extraUsage === undefined ? [] : [['Extra usage', String(found.plan.extraUsage?.status), '']]),
  ];
  const rows = Object.entries(found.models ?? {}).map(([name, row]) => [name, row.requests, row.successes, row.errors]);
  return [
    plan.length > 0 ? table(plan) : `The plan is not known${found.error === undefined ? '.' : `: ${found.error}`}`,
    rows.length > 0
      ? `\n${table([['Model', 'Requests', 'OK', 'Errors'], ...rows])}`
      : '\nNothing was asked since the start.',
    `\nUp ${found.proxy?.uptime}, ${found.proxy?.totalRequests} requests`,
  ].join('\n');
}

async function keys({ words, config, world }) {
  if (words.length > 0) throw new OcpFailure('Use /ocp keys, /ocp keys add NAME or /ocp keys revoke NAME.');
  const found = await call(config, world, { path: '/api/keys', isAdmin: true });
  const rows = (found.keys ?? []).map(({ name, keyPreview, revoked, created_at: made }) => [
    short(name, 32),
    keyPreview,
    revoked === 0 ? 'active' : 'revoked',
    String(made).slice(0, 10),
  ]);
  return rows.length === 0 ? 'There are no keys.' : table(rows);
}

async function addKey({ words, context, config, world }) {
  const name = needed(words, 'keys add NAME');
  if (isShared(context))
    throw new OcpFailure('A key is shown only in a direct chat, because whoever reads it can use it.');
  const { key } = await call(config, world, { method: 'POST', path: '/api/keys', body: { name }, isAdmin: true });
  return `${name}\n${key}\n\nThis is shown once. Delete this message when the key is where it belongs.`;
}

async function revokeKey({ words, config, world }) {
  const name = needed(words, 'keys revoke NAME');
  const path = `/api/keys/${encodeURIComponent(name)}`;
  const { revoked } = await call(config, world, { method: 'DELETE', path, isAdmin: true });
  return revoked === true ? `${name} is revoked.` : `There is no key ${name} that works.`;
}

function needed(words, usage) {
  if (words.length === 0) throw new OcpFailure(`The name is missing: /ocp ${usage}`);
  return words.join(' ');
}

async function settings({ words, config, world }) {
  const [name, value] = words;
  if (name === undefined) {
    const found = await call(config, world, { path: '/settings', isAdmin: true });
    return table(
      Object.entries(found).map(([key, row]) => [
        key,
        row.text ?? `${row.value ?? 'default'} ${row.unit}`.trim(),
        row.range ?? `${row.min} to ${row.max}`,
      ]),
    );
  }
  const isTime = /^(?:\d+(?:\.\d+)?(?:d|h|m|s|ms))+$/iu.test(value ?? '');
  if (value === undefined || words.length > 2 || !(isTime || Number.isFinite(Number(value)))) {
    throw new OcpFailure('A setting is a name and a number or a time: /ocp settings cacheTTL 5m');
  }
  const body = { [name]: isTime ? value : Number(value) };
  const { results } = await call(config, world, {
    method: 'PATCH',
    path: '/settings',
    body,
    isAdmin: true,
    accepts: [400],
  });
  const result = results?.[name];
  if (result?.ok !== true) throw new OcpFailure(`${name}: ${result?.error ?? 'OCP did not take it.'}`);
  return `${name} = ${isTime ? value : result.value}${result.note === undefined ? '' : ` (${result.note})`}`;
}

async function sessions({ config, world }) {
  const found = await call(config, world, { path: '/sessions', isAdmin: true });
  const rows = (found.sessions ?? []).map(({ id, model, messages, lastUsed }) => [
    short(id, 24),
    model,
    messages,
    lastUsed,
  ]);
  const live = `${found.liveConversations ?? 0} conversations are kept ready.`;
  return rows.length === 0 ? `No conversation has a name. ${live}` : `${table(rows)}\n${live}`;
}

async function clear({ config, world }) {
  const { cleared } = await call(config, world, { method: 'DELETE', path: '/sessions', isAdmin: true });
  return `${cleared} forgotten.`;
}

async function logs({ words, config, world }) {
  const numbers = words.filter((word) => /^\d{1,3}$/.test(word));
  const levels = words.filter((word) => ['all', 'error', 'warn', 'info'].includes(word));
  if (numbers.length + levels.length < words.length || numbers.length > 1 || levels.length > 1) {
    throw new OcpFailure('Use /ocp logs [N] [all|error|warn|info].');
  }
  const query = new URLSearchParams({ n: numbers[0] ?? '20', level: levels[0] ?? 'error' });
  const { entries = [] } = await call(config, world, { path: `/logs?${query}`, isAdmin: true });
  if (entries.length === 0) return 'The log has nothing of this kind.';
  const lines = entries.map(({ ts, level, event, ...rest }) => logLine(ts, level, event, rest));
  // The newest stand last; what does not fit into a message is old.
  while (lines.length > 1 && lines.join('\n').length > LOG_CHARACTERS) lines.shift();
  return lines.join('\n');
}

function logLine(ts, level, event, rest) {
  const more = Object.entries(rest).map(([name, value]) => `${name}=${short(value, 60)}`);
  return [ts, String(level ?? '').toUpperCase(), event, ...more]
    .filter((part) => part !== undefined && part !== '')
    .join(' ');
}
