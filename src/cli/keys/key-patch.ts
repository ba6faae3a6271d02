import type { KeyPatch } from '../../http/admin/key-schemas.ts';
import { UsageError } from '../command.ts';
import type { LimitValues, PropertyValues } from './key-options.ts';

const windows = ['daily', 'weekly', 'monthly'] as const;
type Window = (typeof windows)[number];

const units = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** The limits that the options name, as the API takes them; undefined when they name none. Raises UsageError. */
export function limitsPatch(values: LimitValues): KeyPatch['limits'] {
  const requests = byWindow((window) => values[window], '', parseCount);
  const tokens = byWindow((window) => values[`tokens-${window}`], 'tokens-', parseCount);
  const usd = byWindow((window) => values[`usd-${window}`], 'usd-', parseUsd);
  const perMinute = values['per-minute'];
  const { concurrent } = values;
  const patch = {
    ...(requests === undefined ? {} : { requests }),
    ...(tokens === undefined ? {} : { tokens }),
    ...(usd === undefined ? {} : { usd }),
    ...(perMinute === undefined ? {} : { requestsPerMinute: parseCount('per-minute', perMinute) }),
    ...(concurrent === undefined ? {} : { concurrentTurns: parseCount('concurrent', concurrent) }),
  };
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/** The other properties that the options name. `now` is Unix ms, for times from now on. Raises UsageError. */
export function propertiesPatch(values: PropertyValues, now: number): KeyPatch {
  const { expires, models, profile, note } = values;
  const defaultModel = values['default-model'];
  const serverTools = values['server-tools'];
  return {
    ...(expires === undefined ? {} : { expiresAt: parseExpiry(expires, now) }),
    ...(models === undefined ? {} : { models: models === 'all' ? null : listOf(models) }),
    ...(defaultModel === undefined ? {} : { defaultModel: defaultModel === 'none' ? null : defaultModel }),
    ...(profile === undefined ? {} : { profile }),
    ...(note === undefined ? {} : { note }),
    ...(serverTools === undefined ? {} : { serverTools: serverTools === 'on' }),
  };
}

/**
 * When a key ends, as ISO 8601, or null for never: `30d` from now on, the end of a day on this machine's clock, or a time.
 * Raises UsageError for anything else, and for times that have passed.
 */
export function parseExpiry(text: string, now: number): string | null {
  if (text === 'never' || text === 'none') return null;
  const span = parseSpan(text);
  const isDay = /^\d{4}-\d{2}-\d{2}$/u.test(text);
  const time = span === undefined ? (isDay ? endOfDay(text) : Date.parse(text)) : now + span;
  if (Number.isNaN(time) || (span === undefined && !/^\d{4}-\d{2}-\d{2}/u.test(text)) || Math.abs(time) > 8.64e15) {
    throw new UsageError(
      `--expires is ${JSON.stringify(text)}, but must be such as 30d, 12h, 2027-01-31, 2027-01-31T18:00 or never`,
    );
  }
  if (time <= now) throw new UsageError(`--expires is ${JSON.stringify(text)}, which has passed`);
  return new Date(time).toISOString();
}

/** A span of time such as `90m`, `12h`, `30d`, `2w`, in ms; undefined for anything else. */
export function parseSpan(text: string): number | undefined {
  const match = /^(\d{1,6})([mhdw])$/u.exec(text);
  const unit = match?.[2] as keyof typeof units | undefined;
  return unit === undefined ? undefined : Number(match?.[1]) * units[unit];
}

function endOfDay(day: string): number {
  const start = new Date(`${day}T00:00:00`);
  if (Number.isNaN(start.getTime()) || String(start.getDate()).padStart(2, '0') !== day.slice(8)) return Number.NaN;
  start.setDate(start.getDate() + 1);
  return start.getTime();
}

function byWindow(
  textOf: (window: Window) => string | undefined,
  prefix: string,
  parse: (option: string, text: string) => number | null,
): Partial<Record<Window, number | null>> | undefined {
  const given = windows.flatMap((window) => {
    const text = textOf(window);
    return text === undefined ? [] : [[window, parse(`${prefix}${window}`, text)] as const];
  });
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

function parseCount(option: string, text: string): number | null {
  if (isNone(text)) return null;
  const match = /^(\d{1,12})(?:\.(\d{1,3}))?([kKmM]?)$/u.exec(text);
  const factor = match?.[3] === undefined || match[3] === '' ? 1 : match[3].toLowerCase() === 'k' ? 1000 : 1_000_000;
  const count = match === null ? Number.NaN : Math.round(Number(`${match[1] ?? ''}.${match[2] ?? '0'}`) * factor);
  if (Number.isSafeInteger(count) && (factor > 1 || match?.[2] === undefined)) return count;
  throw new UsageError(`--${option} is ${JSON.stringify(text)}, but must be a whole number such as 50 or 2M, or none`);
}

function parseUsd(option: string, text: string): number | null {
  if (isNone(text)) return null;
  if (/^\$?\d{1,9}(?:\.\d{1,6})?$/u.test(text)) return Number(text.replace('$', ''));
  throw new UsageError(`--${option} is ${JSON.stringify(text)}, but must be dollars such as 5 or 2.50, or none`);
}

function isNone(text: string): boolean {
  return text === 'none' || text === 'unlimited';
}

function listOf(text: string): string[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length === 0) throw new UsageError('--models names no model; all allows every one');
  return [...new Set(names)];
}
