/** Time as people write it: `500ms`, `90s`, `5m`, `1h30m`, `2d`. */

const MS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;
type Unit = keyof typeof MS;

const part = (unit: string): string => String.raw`(?:(\d{1,15}(?:\.\d{1,3})?)\s?${unit})?\s?`;
const form = new RegExp(`^${part('d')}${part('h')}${part('m(?!s)')}${part('s')}${part('ms')}$`, 'iu');
const units: readonly Unit[] = ['d', 'h', 'm', 's', 'ms'];

/** A duration in ms; undefined for text that is none. Each unit at most once, the largest first. */
export function parseDuration(text: string): number | undefined {
  const amounts = form.exec(text.trim())?.slice(1);
  if (amounts === undefined || amounts.every((amount) => amount === undefined)) return undefined;
  const ms = units.reduce((sum, unit, index) => sum + Number(amounts[index] ?? 0) * MS[unit], 0);
  // Tenths of a second are not exact in binary.
  return Math.round(ms * 1000) / 1000;
}

/** A number of ms in the fewest units that give it exactly: `5m`, `90s`, `1h30m`, `1500ms`, `0`. */
export function durationText(ms: number): string {
  if (!Number.isSafeInteger(ms) || ms < 0) return `${ms}ms`;
  if (ms === 0) return '0';
  // Up to two minutes people count in seconds.
  const largest = ms % MS.s !== 0 ? 'ms' : ms <= 2 * MS.m && ms % MS.m !== 0 ? 's' : undefined;
  if (largest !== undefined) return `${ms / MS[largest]}${largest}`;
  let rest = ms;
  let text = '';
  for (const unit of units) {
    // 24h and 36h say more than 1d and 1d12h; whole days only from three on.
    if (unit === 'd' && (ms < 3 * MS.d || ms % MS.d !== 0)) continue;
    const amount = Math.floor(rest / MS[unit]);
    if (amount > 0) text += `${amount}${unit}`;
    rest -= amount * MS[unit];
  }
  return text;
}
