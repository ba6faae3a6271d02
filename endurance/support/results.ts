import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const path = join(import.meta.dirname, '../results.json');

/** A run that was made for the record. */
export interface RecordedRun {
  /** The day of the run, and the version of OCP. */
  readonly date: string;
  readonly version: string;
  readonly rounds?: number;
  readonly seed?: number;
  readonly seconds: number;
  readonly figures: Readonly<Record<string, number>>;
}

/** By program (`chaos`, `soak`, `fuzz`), then by what was run. */
export type Results = Readonly<Record<string, Readonly<Record<string, RecordedRun>>>>;

/** The runs for the record that are committed; docs/reliability.md shows them. */
export function readResults(): Results {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Results;
  } catch {
    return {};
  }
}

/** Puts a run in the place of the last one of its kind. */
export function recordRun(program: string, name: string, run: Omit<RecordedRun, 'date' | 'version'>): void {
  const results = readResults();
  const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
    readonly version: string;
  };
  const entry = { date: new Date().toISOString().slice(0, 10), version: manifest.version, ...run };
  writeFileSync(
    path,
    `${JSON.stringify({ ...results, [program]: { ...results[program], [name]: entry } }, null, 2)}\n`,
  );
}
