import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { collectResults, resultsFolderVariable } from './support/results.ts';

/**
 * Tries every client through OCP: installs them from their lockfile where needed, runs their tests, and writes what came
 * of it to results.json and into the documentation. Names of test files as arguments try only these, and write nothing.
 */

const folder = import.meta.dirname;
const root = resolve(folder, '..');

function main(named: readonly string[]): void {
  if (!isInstalled()) mustRun('npm', ['ci'], folder);
  mustRun(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '--noEmit', '-p', folder], root);
  const results = mkdtempSync(join(tmpdir(), 'ocp-results-'));
  try {
    process.exitCode = tryClients(named.length > 0 ? named : testFiles(), results);
    if (named.length > 0) return;
    collectResults(results, join(folder, 'results.json'));
    mustRun(process.execPath, [join(root, 'scripts/generate-docs.ts')], root);
  } finally {
    rmSync(results, { recursive: true });
  }
}

/** npm writes its own copy of the lockfile at the end of an install. */
function isInstalled(): boolean {
  const copy = join(folder, 'node_modules/.package-lock.json');
  return existsSync(copy) && statSync(copy).mtimeMs >= statSync(join(folder, 'package-lock.json')).mtimeMs;
}

function testFiles(): readonly string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.test.ts'));
}

function tryClients(files: readonly string[], results: string): number {
  // Two at a time: most of a client's time is its own start. What a client leaves behind must not hold the end up.
  const options = ['--test', '--test-force-exit', '--test-concurrency=2', '--test-reporter=spec'];
  return runHere(process.execPath, [...options, ...files], folder, { [resultsFolderVariable]: results });
}

function mustRun(program: string, args: readonly string[], cwd: string): void {
  const status = runHere(program, args, cwd);
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}`);
}

/** Runs a program of our own, which may see this process's environment (no client may); returns its exit code. */
function runHere(program: string, args: readonly string[], cwd: string, env: Record<string, string> = {}): number {
  return spawnSync(program, args, { cwd, env: { ...process.env, ...env }, stdio: 'inherit' }).status ?? 1;
}

main(process.argv.slice(2));
