import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chooseFiles } from './choose.ts';
import { collectResults, resultsFolderVariable } from './support/results.ts';

/**
 * Tries clients through OCP: installs them from their lockfile where needed, runs their tests, and writes what came of it
 * to results.json and into the documentation. It takes the part of the clients whose turn it is today; `--all` takes every
 * one, `--only NAME` (which may be repeated) those that are named.
 */

const folder = import.meta.dirname;
const root = resolve(folder, '..');

function main(): void {
  const { values } = parseArgs({
    options: { all: { type: 'boolean', default: false }, only: { type: 'string', multiple: true, default: [] } },
  });
  const files = chooseFiles(testFiles(), values, new Date());
  if (!isInstalled()) mustRun('npm', ['ci'], folder);
  mustRun(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '--noEmit', '-p', folder], root);
  process.stdout.write(`Trying ${files.join(', ')}\n`);
  const results = mkdtempSync(join(tmpdir(), 'ocp-results-'));
  try {
    process.exitCode = tryClients(files, results);
    collectResults(results, join(folder, 'results.json'), { keepOthers: !values.all });
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
  return readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts'))
    .toSorted();
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

main();
