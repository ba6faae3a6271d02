import { compactText, countText, timeText, usdText } from '../output/format.ts';
import type { Field } from '../output/fields.ts';
import type { Cell, Column } from '../output/table.ts';
import type { ListedKey, Quotas } from './key-answers.ts';

const windows = [
  ['daily', 'day'],
  ['weekly', '7 days'],
  ['monthly', '30 days'],
] as const;

/** The columns of `ocp keys`. */
export const keyColumns: readonly Column[] = [
  { title: 'Name', least: 8 },
  { title: 'Key', drop: 5 },
  { title: 'State' },
  { title: 'Created', drop: 4 },
  { title: 'Last used', drop: 2 },
  { title: 'Profile', drop: 3 },
  { title: 'Limits', least: 12, drop: 1 },
];

/** A key as a row of these columns. `now` is Unix ms. */
export function keyRow(key: ListedKey, now: number): readonly Cell[] {
  return [
    key.name,
    key.keyPreview,
    keyState(key, now),
    timeText(key.created_at),
    key.lastUsedAt === null ? 'never' : timeText(key.lastUsedAt),
    profileText(key),
    limitsText(key),
  ];
}

/** The profile of a key, and whether it is gone. */
function profileText({ profile, profileRemoved }: ListedKey): Cell {
  return profileRemoved === true ? { text: `${profile} (removed)`, style: 'red' } : profile;
}

/** All of a key, with what it has used where that is known. */
export function keyFields(key: ListedKey, used: Quotas | undefined, now: number): readonly Field[] {
  const { limits } = key;
  return [
    ['Name', key.name],
    ['Id', String(key.id)],
    ['Key', key.keyPreview],
    ['State', keyState(key, now)],
    ['Note', key.note === '' ? undefined : key.note],
    ['Created', timeText(key.created_at)],
    ['Last used', key.lastUsedAt === null ? 'never' : timeText(key.lastUsedAt)],
    ['Expires', key.expiresAt === null ? 'never' : timeText(key.expiresAt)],
    ['Profile', profileText(key)],
    ['Models', key.models === null ? 'all' : key.models.join(', ')],
    ['Default model', key.defaultModel ?? "the server's"],
    ['Server tools', key.serverTools ? 'may be used' : 'no'],
    ...windows.map(([window, name]): Field => [
      `Requests / ${name}`,
      used === undefined ? amountText(limits.requests[window], countText) : usedText(used[window]),
    ]),
    ...windows.map(([window, name]): Field => [`Tokens / ${name}`, amountText(limits.tokens[window], compactText)]),
    ...windows.map(([window, name]): Field => [`Dollars / ${name}`, amountText(limits.usd[window], usdText)]),
    ['Requests / min', amountText(limits.requestsPerMinute, countText)],
    ['Turns at once', amountText(limits.concurrentTurns, countText)],
  ];
}

/** Whether a key works at the moment, and why not. */
export function keyState(key: ListedKey, now: number): Cell {
  if (key.revoked !== 0) return { text: '✗ revoked', style: 'red' };
  if (!key.enabled) return { text: '✗ disabled', style: 'yellow' };
  if (key.expiresAt !== null && Date.parse(key.expiresAt) <= now) return { text: '✗ expired', style: 'yellow' };
  return { text: '✓ active', style: 'green' };
}

function limitsText({ limits, models, expiresAt }: ListedKey): string {
  const parts = windows.flatMap(([window, name]) => [
    ...(limits.requests[window] === null ? [] : [`${countText(limits.requests[window])}/${name}`]),
    ...(limits.tokens[window] === null ? [] : [`${compactText(limits.tokens[window])} tokens/${name}`]),
    ...(limits.usd[window] === null ? [] : [`${usdText(limits.usd[window])}/${name}`]),
  ]);
  return [
    ...parts,
    ...(limits.requestsPerMinute === null ? [] : [`${countText(limits.requestsPerMinute)}/min`]),
    ...(limits.concurrentTurns === null ? [] : [`${countText(limits.concurrentTurns)} at once`]),
    ...(models === null ? [] : [models.join('+')]),
    ...(expiresAt === null ? [] : [`until ${timeText(expiresAt)}`]),
  ].join(', ');
}

function usedText({ limit, used }: Quotas['daily']): Cell {
  if (limit === null) return `${countText(used)} used, no limit`;
  const text = `${countText(used)} of ${countText(limit)} used`;
  return used >= limit ? { text, style: 'red' } : text;
}

function amountText(limit: number | null, write: (amount: number) => string): string | undefined {
  return limit === null ? undefined : `at most ${write(limit)}`;
}
