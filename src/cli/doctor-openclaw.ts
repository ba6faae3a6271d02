import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadModels } from '../claude/models.ts';
import type { OpenClawPlace } from '../connect/openclaw-registry.ts';
import { driftLine, openclawDrift, syncOpenClaw } from '../connect/openclaw-registry.ts';
import type { OpenClawList } from '../host/doctor/machine-bench.ts';

/** OpenClaw's list of OCP's models on this machine, for doctor. */
export function openClawList(place: OpenClawPlace, packageRoot: string): OpenClawList {
  const { models } = loadModels(JSON.parse(readFileSync(join(packageRoot, 'models.json'), 'utf8')));
  return {
    look: () => {
      const drift = openclawDrift(place, models);
      if (drift.state !== 'drift' && drift.state !== 'unreadable') return { kind: drift.state };
      return { kind: drift.state, message: driftLine(drift) ?? '' };
    },
    sync: () => {
      const { path, backup } = syncOpenClaw(place, models, { now: Date.now });
      return backup === undefined ? `${path} was up to date` : `brought ${path} up to date, before: ${backup}`;
    },
  };
}
