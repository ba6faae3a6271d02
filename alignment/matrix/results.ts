import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareVersions } from '../../src/claude/version.ts';

/** What the contract tests found of one version of the CLI. */
export interface VersionResult {
  readonly version: string;
  /** The day on which it was published. */
  readonly published: string;
  /** Flags of a worker that it does not know; the other tests were run without them. */
  readonly missingFlags: readonly string[];
  /** Every test, as `suite: test`, and the first line of what went wrong; null = passed. */
  readonly tests: Readonly<Record<string, string | null>>;
}

const file = join(import.meta.dirname, '..', 'results.json');

/** The kept results, the newest version first. */
export function readResults(): readonly VersionResult[] {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as readonly VersionResult[]) : [];
}

/** Keeps a result in the place of an earlier one of the same version. */
export function keepResult(result: VersionResult): void {
  const others = readResults().filter(({ version }) => version !== result.version);
  const all = [...others, result].toSorted((a, b) => compareVersions(b.version, a.version));
  writeFileSync(file, `${JSON.stringify(all, undefined, 2)}\n`);
}
