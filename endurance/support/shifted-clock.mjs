import { readFileSync } from 'node:fs';

/**
 * Loaded before OCP (`--import`): moves the wall clock by as many milliseconds as the file in CHAOS_CLOCK says, and leaves the
 * monotonic clock alone, as a correction of the system's time does.
 */
const file = process.env['CHAOS_CLOCK'];
const real = Date.now.bind(Date);
const Real = Date;
let shift = 0;
let readAt = -Infinity;

function shifted() {
  const now = performance.now();
  if (now - readAt > 20) {
    readAt = now;
    try {
      shift = Number(readFileSync(file, 'utf8')) || 0;
    } catch {
      // It is being written.
    }
  }
  return real() + shift;
}

globalThis.Date = class extends Real {
  constructor(...parts) {
    if (parts.length === 0) super(shifted());
    else super(...parts);
  }

  static now() {
    return shifted();
  }
};
