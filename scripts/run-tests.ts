import { globSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

/**
 * `node scripts/run-tests.ts [--once] GLOB…`: runs test files, two at a time, and prints the ten slowest. A file that fails is
 * run once more, alone, unless `--once` is given; one that passes only then is named and counted, because it hides a fault.
 * Exit status 1 when a test still fails.
 */

const CONCURRENCY = 2;
/** The longest that one test may take, ms: a test that hangs must fail instead. */
const TEST_TIMEOUT_MS = 240_000;
/** The longest that all files together may take, ms: a file whose process never ends must not hold CI until it is killed. */
const RUN_TIMEOUT_MS = 2_400_000;
const SLOWEST = 10;

interface FileResult {
  readonly file: string;
  readonly durationMs: number;
  readonly failed: boolean;
}

const root = resolve(import.meta.dirname, '..');
const once = process.argv.includes('--once');
const globs = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const files = globSync(globs, { cwd: root }).map((file) => resolve(root, file));
if (files.length === 0) {
  console.error(`No test file matches ${globs.join(' ')}.`);
  process.exit(1);
}

const first = await runFiles(files.toSorted(), CONCURRENCY);
const failed = first.filter((result) => result.failed).map((result) => result.file);
const again = once || failed.length === 0 ? [] : await runFiles(failed, 1);
const stillFailed = once ? failed : again.filter((result) => result.failed).map((result) => result.file);
const retried = failed.filter((file) => !stillFailed.includes(file));

const slowest = first.toSorted((a, b) => b.durationMs - a.durationMs).slice(0, SLOWEST);
console.log(`\nSlowest files, s:`);
for (const { file, durationMs } of slowest)
  console.log(`  ${(durationMs / 1000).toFixed(1).padStart(6)}  ${shown(file)}`);
console.log(`Passed only at the second try: ${retried.length}`);
for (const file of retried) console.log(`  ${shown(file)}`);
if (stillFailed.length > 0) {
  console.log(`Failed:`);
  for (const file of stillFailed) console.log(`  ${shown(file)}`);
  process.exitCode = 1;
}

/** Runs each file in a process of its own and tells how it ended. */
async function runFiles(paths: readonly string[], concurrency: number): Promise<readonly FileResult[]> {
  const results = new Map<string, FileResult>();
  const failures = new Set<string>();
  const signal = AbortSignal.timeout(RUN_TIMEOUT_MS);
  const stream = run({ files: [...paths], concurrency, timeout: TEST_TIMEOUT_MS, cwd: root, signal });
  stream.on('test:fail', ({ file, todo, skip }) => {
    if (file !== undefined && todo === undefined && skip === undefined) failures.add(file);
  });
  stream.on('test:summary', ({ file, duration_ms: durationMs, success }) => {
    if (file !== undefined) results.set(file, { file, durationMs, failed: !success });
  });
  const printed = stream.compose(new spec());
  for await (const text of printed) process.stdout.write(String(text));
  return paths.map((file) => {
    const known = results.get(file) ?? { file, durationMs: 0, failed: true };
    return { ...known, failed: known.failed || failures.has(file) };
  });
}

function shown(file: string): string {
  return relative(root, file);
}
