import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UpdateError, firstLine } from './error.ts';
import type { TreeHost } from './tree.ts';
import { makeFolders } from '../../config/folder.ts';

/** npm fetches and builds for minutes on a slow line. */
export const NPM_TIMEOUT_MS = 1_800_000;
const START_TIMEOUT_MS = 60_000;
const MIB = 1_048_576;

/** Makes room for a version to be prepared. What an earlier update keeps of its previous version stays for now. */
export function emptyStage(workshop: string): void {
  removeStage(workshop);
  makeFolders(join(workshop, 'stage'), 0o700);
}

/** Removes a version that was prepared. */
export function removeStage(workshop: string): void {
  for (const name of ['stage', 'index', 'switch.sh', 'switch.log', 'switch.pid']) {
    rmSync(join(workshop, name), { recursive: true, force: true });
  }
}

/** Makes the place where the present version's packages will be kept, for that snapshot alone. */
export function emptyHeld(workshop: string, snapshot: string): void {
  const held = join(workshop, 'held');
  rmSync(held, { recursive: true, force: true });
  makeFolders(held, 0o700);
  writeFileSync(join(held, 'for'), `${snapshot}\n`);
}

/** Whether the packages that were there at a snapshot are kept for it. */
export function isHeldFor(workshop: string, snapshot: string): boolean {
  const path = join(workshop, 'held', 'for');
  return existsSync(path) && readFileSync(path, 'utf8') === `${snapshot}\n`;
}

/** Raises UpdateError unless npm comes to a good end. */
export async function runNpm(host: TreeHost, args: readonly string[], cwd: string): Promise<void> {
  const { code, stdout, stderr } = await host.run('npm', args, {
    cwd,
    env: host.env,
    timeoutMs: NPM_TIMEOUT_MS,
    signal: host.signal,
  });
  host.signal.throwIfAborted();
  if (code === 0) return;
  const said = stderr
    .split('\n')
    .map((line) => /^npm (?:error|ERR!) (?!code\b|errno\b)(.+)/u.exec(line)?.[1])
    .find((line) => line !== undefined);
  throw new UpdateError(`npm ${args[0] ?? ''} failed: ${said ?? (firstLine(stderr) || firstLine(stdout) || 'no npm')}`);
}

/** Starts the prepared version once: it has to tell its own version. Raises UpdateError. */
export async function tryStart(host: TreeHost, root: string, version: string): Promise<void> {
  const { code, stdout, stderr } = await host.run(join(root, 'ocp'), ['--version'], {
    env: host.env,
    timeoutMs: START_TIMEOUT_MS,
    signal: host.signal,
  });
  host.signal.throwIfAborted();
  const told = stdout.trim();
  if (code === 0 && told === version) return;
  const reason = told === '' ? firstLine(stderr) : `it says that it is ${told}`;
  throw new UpdateError(`OCP ${version} does not start on this machine: ${reason}`);
}

/** Raises UpdateError when the file system of the folder has less than that. */
export function checkSpace(host: TreeHost, folder: string, needed: number): void {
  const free = host.freeBytes(folder);
  if (free >= needed) return;
  throw new UpdateError(
    `the disk of ${folder} has ${Math.floor(free / MIB)} MiB left, and the update needs ${Math.ceil(needed / MIB)}; free some`,
  );
}

/** Bytes that new packages take, at most. */
export const PACKAGES_BYTES: number = 1024 * MIB;
/** Bytes that the source and small files take. */
export const SOURCE_BYTES: number = 64 * MIB;

const manifestSchema = z.looseObject({
  version: z.string(),
  scripts: z.record(z.string(), z.string()).catch({}),
  bin: z.record(z.string(), z.string()).catch({}),
});

export type Manifest = z.infer<typeof manifestSchema>;

function parseManifest(text: string): Manifest | undefined {
  try {
    return manifestSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** The package.json of a folder. Raises UpdateError when there is none. */
export function manifestOf(folder: string): Manifest {
  const path = join(folder, 'package.json');
  const found = existsSync(path) ? parseManifest(readFileSync(path, 'utf8')) : undefined;
  if (found === undefined) throw new UpdateError(`${path} is missing or damaged`);
  return found;
}
