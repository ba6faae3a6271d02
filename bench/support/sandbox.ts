import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A home of its own for OCP and the CLI, so that no login and no setting of this machine is used. */
export interface Sandbox {
  readonly folder: string;
  /** Everything that a child may see of an environment. */
  readonly env: Readonly<Record<string, string>>;
  /** CLAUDE_CONFIG_DIR. */
  readonly configDir: string;
  /** An empty folder for one process. */
  workingDirectory(): string;
  remove(): void;
}

export function createSandbox(): Sandbox {
  const folder = mkdtempSync(join(tmpdir(), 'ocp-bench-'));
  const configDir = join(folder, 'claude');
  const temporary = join(folder, 'tmp');
  for (const path of [configDir, temporary]) mkdirSync(path);
  let count = 0;
  const remove = (): void => {
    process.off('exit', remove);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once('exit', remove);
  return {
    folder,
    configDir,
    env: {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      HOME: folder,
      TMPDIR: temporary,
      CLAUDE_CONFIG_DIR: configDir,
    },
    workingDirectory() {
      count += 1;
      const path = join(folder, `w${count}`);
      mkdirSync(path);
      return path;
    },
    remove,
  };
}
