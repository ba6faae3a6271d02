import { readFileSync } from 'node:fs';
import { arch, cpus, platform, totalmem } from 'node:os';
import { join } from 'node:path';
import { claudeVersion } from '../../src/claude/version.ts';
import { installedClaude } from './one-shot.ts';

const GIB = 2 ** 30;

/** What the numbers depend on: nothing that names this machine or its user. */
export async function machineLines(): Promise<readonly string[]> {
  const [cpu] = cpus();
  const packageJson = join(import.meta.dirname, '..', '..', 'package.json');
  const { version } = JSON.parse(readFileSync(packageJson, 'utf8')) as { readonly version: string };
  const environment = { PATH: '/usr/bin:/bin', HOME: '/nonexistent' };
  const cli = await claudeVersion(await installedClaude(), environment, AbortSignal.timeout(20_000));
  return [
    `Machine: ${cpus().length} × ${cpu?.model.trim() ?? 'unknown CPU'}, ${(totalmem() / GIB).toFixed(0)} GiB, ${platform()} ${arch()}`,
    `Versions: OCP ${version}, Node ${process.versions.node}, Claude CLI ${cli ?? 'unknown'}`,
  ];
}
