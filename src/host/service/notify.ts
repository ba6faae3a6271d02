import type { Run } from '../run.ts';

const NOTIFY_MS = 10_000;
const MICROSECONDS_PER_MS = 1000;
/** How often within its time systemd is told that the server is alive. */
const BEATS = 4;

/** Tells systemd how the server is doing. Does nothing where systemd did not start it. */
export interface ServiceNotifier {
  /** It listens; from now on systemd is told that it is alive, as often as the unit's watchdog wants. */
  ready(status: string): Promise<void>;
  stopping(): Promise<void>;
}

/**
 * Speaks to systemd through its program `systemd-notify`, since Node has no datagram sockets of the file system. A server
 * whose event loop hangs beats no more, and systemd starts it again.
 */
export function serviceNotifier(env: Readonly<Record<string, string | undefined>>, run: Run): ServiceNotifier {
  const isWanted = (env['NOTIFY_SOCKET'] ?? '') !== '';
  const tell = async (...words: readonly string[]): Promise<void> => {
    if (isWanted) await run('systemd-notify', words, { env, timeoutMs: NOTIFY_MS });
  };
  let timer: NodeJS.Timeout | undefined;
  return {
    async ready(status) {
      await tell('READY=1', `STATUS=${status}`);
      const everyMs = Number(env['WATCHDOG_USEC'] ?? 0) / MICROSECONDS_PER_MS / BEATS;
      if (isWanted && everyMs > 0) timer = setInterval(() => void tell('WATCHDOG=1'), everyMs).unref();
    },
    async stopping() {
      clearInterval(timer);
      await tell('STOPPING=1');
    },
  };
}
