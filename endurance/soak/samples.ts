import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { ServeProcess } from '../../test/support/serve-process.ts';
import type { Place } from '../support/server.ts';

/** What must not grow. */
export interface Sample {
  /** Since the start, seconds. */
  readonly at: number;
  readonly memoryMb: number;
  readonly openFiles: number;
  readonly processes: number;
  /** Folders and files below the temporary folder. */
  readonly folders: number;
  readonly databaseKb: number;
  readonly requests: number;
}

/** How large SQLite lets its log grow before it begins again: only more than that is growth. */
const USUAL_WAL_BYTES = 5_000_000;

export type Measure = Exclude<keyof Sample, 'at' | 'requests'>;

export function takeSample(place: Place, ocp: ServeProcess, at: number, requests: number): Sample {
  const status = readFileSync(`/proc/${ocp.pid}/status`, 'utf8');
  return {
    at,
    memoryMb: Number(/^VmRSS:\s+(\d+)/mu.exec(status)?.[1] ?? 0) / 1024,
    openFiles: readdirSync(`/proc/${ocp.pid}/fd`).length,
    processes: place.processes().length,
    folders: entries(place.temporary),
    databaseKb: (sizeOf(place.database) + Math.max(0, sizeOf(`${place.database}-wal`) - USUAL_WAL_BYTES)) / 1024,
    requests,
  };
}

/** How much a measure grows over the time of the samples: the slope of the line that fits them best. */
export function growth(samples: readonly Sample[], of: (sample: Sample) => number): number {
  const count = samples.length;
  const meanAt = samples.reduce((sum, { at }) => sum + at, 0) / count;
  const mean = samples.reduce((sum, sample) => sum + of(sample), 0) / count;
  let above = 0;
  let below = 0;
  for (const sample of samples) {
    above += (sample.at - meanAt) * (of(sample) - mean);
    below += (sample.at - meanAt) ** 2;
  }
  const span = (samples.at(-1)?.at ?? 0) - (samples[0]?.at ?? 0);
  return below === 0 ? 0 : (above / below) * span;
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}

function entries(folder: string): number {
  try {
    return readdirSync(folder, { withFileTypes: true }).reduce(
      (sum, entry) =>
        sum + 1 + (entry.isDirectory() && entry.name.startsWith('w-') ? entries(`${folder}/${entry.name}`) : 0),
      0,
    );
  } catch {
    // A worker's folder that has just gone.
    return 0;
  }
}
