import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { compareVersions } from '../claude/version.ts';
import type { Run } from './run.ts';

/** How OCP came onto this machine, which decides how it is brought up to date. */
export interface Installation {
  readonly kind: 'git' | 'npm' | 'unknown';
  /** The folder of OCP's package.json. */
  readonly folder: string;
  /** The name of the package. */
  readonly name: string;
  /** Undefined when package.json does not tell one. */
  readonly version: string | undefined;
}

/** The newest published version, or why it is not known. */
export type LatestVersion =
  | { readonly version: string; readonly from: string }
  | { readonly version: undefined; readonly reason: string };

export interface LookupOptions {
  readonly run: Run;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How long git or npm may take; 5 s unless given. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const USUAL_TIMEOUT_MS = 5000;
const manifest = z.looseObject({ name: z.string().catch('open-claude-proxy'), version: z.string().optional() });
/** A published version: pre-releases are for those who ask for them by name. */
const release = /^v?(\d+\.\d+\.\d+)$/u;

/** Looks at the folder of OCP's package.json. Never rejects: what cannot be read is unknown. */
export function installationIn(folder: string): Installation {
  const { name, version } = readManifest(folder);
  const kind = existsSync(join(folder, '.git'))
    ? 'git'
    : /[\\/]node_modules[\\/]/u.test(`${folder}/`)
      ? 'npm'
      : 'unknown';
  return { kind, folder, name, version };
}

/**
 * Asks the git remote of a checkout for its tags (`vX.Y.Z`), or npm for the version of an installed package, for at most
 * `timeoutMs`. Never rejects: a machine without a network is told as a reason.
 */
export async function latestVersion(installation: Installation, options: LookupOptions): Promise<LatestVersion> {
  if (installation.kind === 'git') return latestTag(installation.folder, options);
  if (installation.kind === 'npm') return latestPackage(installation.name, options);
  return { version: undefined, reason: 'this is neither a git checkout nor an npm install' };
}

/** The remote that a checkout follows: `origin`, else its only one. */
export async function remoteOf(folder: string, options: LookupOptions): Promise<string | undefined> {
  const { stdout } = await options.run('git', ['remote'], { cwd: folder, ...quiet(options) });
  const remotes = stdout.split('\n').filter(Boolean);
  return remotes.includes('origin') ? 'origin' : remotes[0];
}

async function latestTag(folder: string, options: LookupOptions): Promise<LatestVersion> {
  const remote = await remoteOf(folder, options);
  if (remote === undefined) return { version: undefined, reason: 'the checkout has no git remote' };
  const outcome = await options.run('git', ['ls-remote', '--tags', '--refs', remote], {
    cwd: folder,
    ...quiet(options),
  });
  if (outcome.code !== 0) return { version: undefined, reason: `the git remote ${remote} did not answer` };
  const newest = newestRelease(outcome.stdout.split('\n').map((line) => line.split('refs/tags/')[1] ?? ''));
  if (newest === undefined) return { version: undefined, reason: `the git remote ${remote} has no release yet` };
  return { version: newest, from: `the git remote ${remote}` };
}

async function latestPackage(name: string, options: LookupOptions): Promise<LatestVersion> {
  const outcome = await options.run('npm', ['view', name, 'version'], quiet(options));
  const version = release.exec(outcome.stdout.trim())?.[1];
  if (outcome.code === 0 && version !== undefined) return { version, from: 'npm' };
  return { version: undefined, reason: 'npm did not answer' };
}

/** The newest of these names that are releases; undefined when none is. */
export function newestRelease(tags: readonly string[]): string | undefined {
  return tags
    .flatMap((tag) => release.exec(tag.trim())?.[1] ?? [])
    .toSorted(compareVersions)
    .at(-1);
}

/** Nobody is there to answer a question for a password. */
function quiet({ env, timeoutMs = USUAL_TIMEOUT_MS, signal }: LookupOptions) {
  return {
    env: { ...env, GIT_TERMINAL_PROMPT: '0', GIT_SSH_COMMAND: 'ssh -oBatchMode=yes -oConnectTimeout=4' },
    timeoutMs,
    ...(signal === undefined ? {} : { signal }),
  };
}

function readManifest(folder: string): z.infer<typeof manifest> {
  try {
    return manifest.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
  } catch {
    return { name: 'open-claude-proxy' };
  }
}
