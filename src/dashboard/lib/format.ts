/** Numbers and times as a person reads them, in the browser's language and time zone. */

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 });
const dollars = (digits: number): Intl.NumberFormat =>
  new Intl.NumberFormat(undefined, {
    style: 'currency',
    currency: 'USD',
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
const money = dollars(2);
const fractions = dollars(4);
const dayTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const dayClock = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});
const hour = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short', hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' });

/** The browser's time zone, by its IANA name. */
export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

const DAY_MS = 86_400_000;

export const count = (value: number): string => whole.format(value);
export const compact = (value: number): string => (value < 10_000 ? whole.format(value) : short.format(value));
/** Small amounts to a hundredth of a cent. */
export const usd = (value: number): string => (value > 0 && value < 0.1 ? fractions : money).format(value);
export const share = (value: number | null): string => (value === null ? '–' : `${Math.round(value * 100)}%`);

/** `340 ms`, `2.4 s`, `3 min 5 s`. */
export function milliseconds(value: number | null): string {
  if (value === null) return '–';
  if (value < 1000) return `${Math.round(value)} ms`;
  if (value < 60_000) return `${(value / 1000).toFixed(1)} s`;
  return `${Math.floor(value / 60_000)} min ${Math.round((value % 60_000) / 1000)} s`;
}

/** A length of time in its two largest units: `4 d 2 h`, `3 h 12 min`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600), Math.floor(seconds / 60)];
  if (days > 0) return `${days} d ${hours % 24} h`;
  if (hours > 0) return `${hours} h ${minutes % 60} min`;
  return minutes > 0 ? `${minutes} min` : `${seconds} s`;
}

/** The time of day today, else the day too. */
export const shortTime = (at: number, now: number): string =>
  new Date(at).toDateString() === new Date(now).toDateString() ? clock.format(at) : dayClock.format(at);

export const fullTime = (at: number): string => dayTime.format(at);
export const clockTime = (at: number): string => clock.format(at);
export const hourOf = (at: number): string => hour.format(at);
export const dayOf = (at: number): string => day.format(at);

/** The time of day when it is near, with the day of the week when it is not. */
export function when(at: number, now: number): string {
  return Math.abs(at - now) < DAY_MS / 2 ? hour.format(at) : weekday.format(at);
}

/** `just now`, `5 min ago`, `3 d ago`. */
export function ago(at: number, now: number): string {
  const ms = now - at;
  if (ms < 10_000) return 'just now';
  return `${duration(ms).replace(/ \d+ (?:h|min)$/u, ms >= DAY_MS || ms >= 36_000_000 ? '' : '$&')} ago`;
}

/** A model's id without what all of them share. */
export const modelName = (id: string): string => id.replace(/^claude-/u, '').replace(/-\d{8}$/u, '');

const windows: Readonly<Record<string, string>> = {
  five_hour: '5-hour session',
  seven_day: 'Week, all models',
  seven_day_opus: 'Week, Opus',
  seven_day_sonnet: 'Week, Sonnet',
  seven_day_haiku: 'Week, Haiku',
};

export const windowName = (name: string): string => windows[name] ?? name.replaceAll('_', ' ');

const surfaces: Readonly<Record<string, string>> = {
  'openai-chat': 'Chat',
  'openai-responses': 'Responses',
  'anthropic-messages': 'Messages',
  anthropic: 'Messages',
};

export const surfaceName = (name: string): string => surfaces[name] ?? name;

/** An error's code as words. */
export const cause = (code: string): string => code.replaceAll('_', ' ');
