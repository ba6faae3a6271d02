/** How numbers, sizes, times and money are written for people. */

const grouped = new Intl.NumberFormat('en-US');

/** `8.0s`, `3m 12s`, `6h 32m`, `4d 2h`; below a second `412ms`. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  const tenths = Math.round(ms / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)}s`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours >= 24) return pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
  return hours > 0 ? pair(hours, 'h', minutes % 60, 'm') : pair(minutes, 'm', seconds % 60, 's');
}

/** `12,345`. */
export function countText(count: number): string {
  return grouped.format(count);
}

/** Numbers of characters and tokens: `512`, `4.2K`, `43K`, `1.5M`. */
export function compactText(count: number): string {
  for (const [size, unit] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'K'],
  ] as const) {
    // 999,950 would round up to 1000K.
    if (count < size * 0.9995) continue;
    const scaled = count / size;
    return `${scaled < 9.95 ? Number(scaled.toFixed(1)) : Math.round(scaled)}${unit}`;
  }
  return String(Math.round(count));
}

/** Money at list price; small sums keep four digits. */
export function usdText(usd: number): string {
  return `$${usd !== 0 && usd < 1 ? usd.toFixed(4) : usd.toFixed(2)}`;
}

/** `512 B`, `277 KiB`, `1.5 MiB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const [size, unit] =
    bytes < 1_048_576 ? [1024, 'KiB'] : bytes < 1_073_741_824 ? [1_048_576, 'MiB'] : [1_073_741_824, 'GiB'];
  const scaled = bytes / size;
  return `${scaled < 10 ? scaled.toFixed(1) : Math.round(scaled)} ${unit}`;
}

/**
 * A time as the person's clock shows it: `2026-11-22 10:00`; `–` for none. Text without a zone is UTC, as OCP's usage
 * writes it. Text that is no time is given back as it is.
 */
export function timeText(time: string | number | null | undefined, timeZone?: string): string {
  if (time === null || time === undefined || time === '') return '–';
  const ms = typeof time === 'number' ? time : parseTime(time);
  if (Number.isNaN(ms)) return String(time);
  // The Swedish way to write a time is the one of ISO 8601, with a blank.
  return new Date(ms).toLocaleString('sv-SE', {
    dateStyle: 'short',
    timeStyle: 'short',
    ...(timeZone === undefined ? {} : { timeZone }),
  });
}

/** Unix ms of `2026-11-22 10:00:00` (UTC) or ISO 8601; NaN for anything else. */
export function parseTime(text: string): number {
  return Date.parse(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/u.test(text) ? `${text.replace(' ', 'T')}Z` : text);
}

function pair(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${big}${bigUnit}` : `${big}${bigUnit} ${small}${smallUnit}`;
}
