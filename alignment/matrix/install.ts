import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const name = '@anthropic-ai/claude-code';
const run = promisify(execFile);

/** Installs a version of the CLI into a folder, by npm. Gives back its path. Rejects when npm cannot. */
export async function installCli(version: string, folder: string): Promise<string> {
  const binary = join(folder, 'node_modules', '.bin', 'claude');
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  // Its install script puts the native program in its place.
  const manifest = { name: 'cli-to-try', private: true, allowScripts: { [name]: true } };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  await run('npm', ['install', '--no-fund', '--no-audit', '--no-save', `${name}@${version}`], { cwd: folder });
  return binary;
}

/** The day on which each version was published, by npm. */
export async function publishedDays(): Promise<Readonly<Record<string, string>>> {
  const { stdout } = await run('npm', ['view', name, 'time', '--json'], { maxBuffer: 16 * 1024 * 1024 });
  const times = JSON.parse(stdout) as Readonly<Record<string, string>>;
  return Object.fromEntries(Object.entries(times).map(([version, time]) => [version, time.slice(0, 10)]));
}
