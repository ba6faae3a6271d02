/**
 * An OCP in a process of its own, watched from inside: how long its event loop was held, and how much memory it took. Told
 * by messages over the channel of `fork`: `reset` begins to measure, `report` sends what was seen since, `memory` what is
 * left once nothing is there that could be collected.
 */
import { totalmem } from 'node:os';
import { readConfig } from '../../src/config/config.ts';
import { startServer } from '../../src/http/serve.ts';
import { packageRoot } from '../support/ocp.ts';

/** What was seen since the last reset. */
export interface Seen {
  /** The longest time that the loop was held, ms, in which this thread worked: waiting for a core is not its doing. */
  readonly heldMs: number;
  /** The most memory of the process, bytes, beyond what it had at the reset. */
  readonly grownBytes: number;
  /** Lines of the log about faults of OCP's own. */
  readonly faults: readonly string[];
}

/** How often the loop is looked at, ms. */
const LOOK_MS = 5;

const env = process.env;
const home = String(env['HOME']);
const read = readConfig(env, { home, totalMemory: totalmem(), readAdminKey: () => undefined });
const stop = new AbortController();
let faults: string[] = [];
const server = await startServer({
  config: { ...read, port: 0 },
  env,
  packageRoot,
  io: {
    stdout: () => {},
    stderr: (line) => void (line.includes('"error"') && line.includes('request_failed') && faults.push(line)),
    signal: stop.signal,
  },
});

let heldMs = 0;
let last = now();
let base = process.memoryUsage.rss();
let most = base;

setInterval(look, LOOK_MS);
process.on('message', (message) => {
  if (message === 'reset' || message === 'reset and collect') {
    if (message === 'reset and collect') globalThis.gc?.();
    faults = [];
    heldMs = 0;
    base = most = process.memoryUsage.rss();
    last = now();
    process.send?.('ready');
  } else if (message === 'report') {
    look();
    process.send?.({ heldMs, grownBytes: most - base, faults } satisfies Seen);
  } else if (message === 'memory') {
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    process.send?.({ bytes: heapUsed + external });
  } else if (message === 'stop') {
    void server.stop().then(() => process.exit(0));
  }
});
process.on('disconnect', () => process.exit(1));
process.send?.({ url: `http://127.0.0.1:${server.started.port}` });

function look(): void {
  const present = now();
  heldMs = Math.max(heldMs, Math.min(present.wall - last.wall, present.thread - last.thread));
  most = Math.max(most, process.memoryUsage.rss());
  last = now();
}

/** Two clocks, ms: that of the wall, and that of this thread's own work. */
function now(): { readonly wall: number; readonly thread: number } {
  const { user, system } = process.threadCpuUsage();
  return { wall: performance.now(), thread: (user + system) / 1000 };
}
