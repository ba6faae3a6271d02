import { readFileSync } from 'node:fs';
import { arch, cpus, loadavg, platform, totalmem } from 'node:os';
import { join } from 'node:path';
import { claudeVersion } from '../../src/claude/version.ts';
import { installedClaude } from './one-shot.ts';

const GIB = 2 ** 30;
/** Field of /proc/PID/stat, counted after the command's closing bracket. */
const POLICY = 38;

/** What the numbers depend on: nothing that names this machine or its user. */
export async function machineLines(): Promise<readonly string[]> {
  const [cpu] = cpus();
  const packageJson = join(import.meta.dirname, '..', '..', 'package.json');
  const { version } = JSON.parse(readFileSync(packageJson, 'utf8')) as { readonly version: string };
  const environment = { PATH: '/usr/bin:/bin', HOME: '/nonexistent' };
  const cli = await claudeVersion(await installedClaude(), environment, AbortSignal.timeout(20_000));
  return [
    `Machine: ${cpus().length} × ${cpu?.model.trim() ?? 'unknown CPU'}, ${(totalmem() / GIB).toFixed(0)} GiB, ${platform()} ${arch()}`,
    `Load before the run: ${loadavg()[0]?.toFixed(1)}${isRealTime() ? '; run with real-time priority, to keep that out of it' : ''}`,
    `Versions: OCP ${version}, Node ${process.versions.node}, Claude CLI ${cli ?? 'unknown'}`,
  ];
}

/** Whether this process, and so all that it starts, comes before all ordinary ones. */
function isRealTime(): boolean {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[POLICY]) > 0;
}
