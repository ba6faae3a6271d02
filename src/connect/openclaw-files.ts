import { join } from 'node:path';
import type { Machine } from './machine.ts';
import { folderFrom } from './machine.ts';

/** OpenClaw's folder and its configuration. */
export function openClawFiles({ env, home }: Pick<Machine, 'env' | 'home'>): {
  readonly folder: string;
  readonly config: string;
} {
  const ownHome = folderFrom(env['OPENCLAW_HOME'], home) ?? home;
  const folder = folderFrom(env['OPENCLAW_STATE_DIR'], home) ?? join(ownHome, '.openclaw');
  return { folder, config: folderFrom(env['OPENCLAW_CONFIG_PATH'], home) ?? join(folder, 'openclaw.json') };
}
