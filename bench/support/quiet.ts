import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** How long the machine is watched at a time, ms. */
const WINDOW_MS = 200;
/** Up to which share of all cores it counts as idle: what only waits has timers too. */
const IDLE_SHARE = 0.06;
/** How long the machine may take to come to rest, ms; on one that others use too, it never does. */
const PATIENCE_MS = 5000;

/** Resolves when nothing runs on this machine any more: what the last measurement started would slow the next one down. */
export async function quiet(): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  let before = ticks();
  for (;;) {
    await pause(WINDOW_MS);
    const now = ticks();
    const busy = 1 - (now.idle - before.idle) / Math.max(1, now.all - before.all);
    if (busy <= IDLE_SHARE || performance.now() > deadline) return;
    before = now;
  }
}

/** CPU time of all cores since the machine was started, in hundredths of a second. */
function ticks(): { readonly all: number; readonly idle: number } {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const fields = line.split(/\s+/u).slice(1).map(Number);
  const [, , , idle = 0, waiting = 0] = fields;
  return { all: fields.reduce((sum, field) => sum + field, 0), idle: idle + waiting };
}
