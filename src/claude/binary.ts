import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { ConfigError } from '../config/error.ts';

/** The CLI to drive, and where it was found. */
export interface ClaudeBinary {
  readonly path: string;
  readonly source: 'CLAUDE_BIN' | 'PATH' | 'package';
}

/** Where to look. */
export interface BinarySearch {
  /** The operator's choice (CLAUDE_BIN). */
  readonly claudeBin: string | undefined;
  /** The search path as in the environment (PATH). */
  readonly path: string | undefined;
  /** The folder of OCP's package.json. */
  readonly packageRoot: string;
}

/**
 * Finds the Claude CLI: the operator's choice, else `claude` on the PATH, else the one that npm installed with OCP.
 * Undefined when there is none. Raises ConfigError when CLAUDE_BIN names something that cannot be run.
 */
export async function findClaude(search: BinarySearch): Promise<ClaudeBinary | undefined> {
  if (search.claudeBin !== undefined) {
    if (await isExecutable(search.claudeBin)) return { path: search.claudeBin, source: 'CLAUDE_BIN' };
    throw new ConfigError('CLAUDE_BIN', `CLAUDE_BIN is "${search.claudeBin}", but must be an executable file`);
  }
  const onPath = await findOnPath(search.path ?? '');
  if (onPath !== undefined) return { path: onPath, source: 'PATH' };
  const packaged = await findPackaged(search.packageRoot);
  return packaged === undefined ? undefined : { path: packaged, source: 'package' };
}

async function findOnPath(path: string): Promise<string | undefined> {
  // A relative entry would depend on the folder that OCP happens to be started in.
  for (const folder of path.split(delimiter).filter(isAbsolute)) {
    const candidate = join(folder, 'claude');
    if (await isExecutable(candidate)) return candidate;
  }
  return undefined;
}

const manifest = z.object({
  bin: z.union([z.string(), z.object({ claude: z.string() }).transform((bin) => bin.claude)]),
});

/** Follows Node's own search for packages: a global install keeps dependencies beside OCP, not below it. */
async function findPackaged(packageRoot: string): Promise<string | undefined> {
  const name = '@anthropic-ai/claude-code';
  const folders = createRequire(join(packageRoot, 'package.json')).resolve.paths(name) ?? [];
  for (const folder of folders) {
    const bin = await readBin(join(folder, name, 'package.json'));
    const candidate = join(folder, name, bin ?? '');
    if (bin !== undefined && (await isExecutable(candidate))) return candidate;
  }
  return undefined;
}

async function readBin(packageJson: string): Promise<string | undefined> {
  try {
    return manifest.parse(JSON.parse(await readFile(packageJson, 'utf8'))).bin;
  } catch {
    // Not there, or broken by an interrupted install: then the next folder may have it.
    return undefined;
  }
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
