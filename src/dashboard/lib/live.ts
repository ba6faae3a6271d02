import { signal } from '@preact/signals';
import { loadSession, session } from './session.ts';
import type { Live, Status } from './types.ts';

/** How the page hears of what happens. */
export const connection = signal<'connecting' | 'open' | 'lost'>('connecting');
export const status = signal<Status | undefined>(undefined);
export const live = signal<Live | undefined>(undefined);
/** How much the server's clock is ahead of the browser's, ms. */
export const clockOffset = signal(0);

/** What the server tells of as it happens; `refresh` = anything may have changed. */
export type Happening = 'request' | 'audit' | 'log' | 'me' | 'refresh';

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 15_000;

const listeners = new Set<(name: Happening, data: unknown) => void>();
let source: EventSource | undefined;
let wait = FIRST_WAIT_MS;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Calls the listener for everything that happens, until the function that comes back is called. */
export function listen(listener: (name: Happening, data: unknown) => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** The server's time now, Unix ms. */
export function serverNow(): number {
  return Date.now() + clockOffset.value;
}

/** Follows what happens, as whoever is logged in. A page that nobody sees lets go of its connection. */
export function follow(): void {
  document.addEventListener('visibilitychange', () => (document.hidden ? leave() : connect()));
  let seen: string | undefined;
  session.subscribe((who) => {
    const now = who === undefined ? undefined : `${who.role}:${who.name}:${who.csrf}`;
    if (now === seen) return;
    seen = now;
    live.value = undefined;
    if (now !== undefined) connect();
  });
}

function connect(): void {
  leave();
  if (session.value === undefined) return;
  const opened = new EventSource('/api/events');
  source = opened;
  on(opened, 'hello', (data) => {
    const { now, resumed } = data as { now: number; resumed: boolean };
    clockOffset.value = now - Date.now();
    wait = FIRST_WAIT_MS;
    connection.value = 'open';
    if (!resumed) tell('refresh', undefined);
  });
  on(opened, 'status', (data) => (status.value = data as Status));
  on(opened, 'live', (data) => (live.value = data as Live));
  on(opened, 'gap', () => tell('refresh', undefined));
  // The session is over, or belongs to somebody else by now.
  on(opened, 'ended', () => void loadSession().then(connect, () => {}));
  for (const name of ['request', 'audit', 'log', 'me'] as const) on(opened, name, (data) => tell(name, data));
  opened.addEventListener('error', () => {
    connection.value = 'lost';
    // A browser gives up when the answer is an error; where the connection broke it tries again by itself.
    if (opened.readyState !== EventSource.CLOSED || source !== opened) return;
    timer = setTimeout(connect, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  });
}

function leave(): void {
  clearTimeout(timer);
  source?.close();
  source = undefined;
}

function on(from: EventSource, name: string, take: (data: unknown) => void): void {
  from.addEventListener(name, (event) => take(JSON.parse((event as MessageEvent<string>).data)));
}

function tell(name: Happening, data: unknown): void {
  for (const listener of listeners) listener(name, data);
}
