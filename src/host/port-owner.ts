import { readdir, readFile, readlink } from 'node:fs/promises';
import type { Machine } from './machine.ts';

/** A process that listens. */
export interface PortOwner {
  readonly pid: number;
  /** Its name as a list of processes shows it. */
  readonly name: string;
}

const LISTENING = '0A';

/** Who listens on a TCP port of this machine; undefined when nobody does, or whoever does cannot be seen. Never rejects. */
export async function portOwner(
  port: number,
  machine: Pick<Machine, 'platform' | 'run' | 'env'>,
): Promise<PortOwner | undefined> {
  return machine.platform === 'linux' ? ownerFromProc(port) : ownerFromLsof(port, machine);
}

async function ownerFromProc(port: number): Promise<PortOwner | undefined> {
  const sockets = new Set(
    (await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(async (file) => readFile(file, 'utf8').catch(() => ''))))
      .flatMap((text) => text.split('\n').slice(1))
      .map((line) => line.trim().split(/\s+/u))
      .filter(([, local, , state]) => state === LISTENING && Number.parseInt(local?.split(':')[1] ?? '', 16) === port)
      .map((columns) => `socket:[${columns[9] ?? ''}]`),
  );
  if (sockets.size === 0) return undefined;
  for (const pid of (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/u.test(name))) {
    const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
    const targets = await Promise.all(files.map(async (file) => readlink(`/proc/${pid}/fd/${file}`).catch(() => '')));
    if (!targets.some((target) => sockets.has(target))) continue;
    const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
    return { pid: Number(pid), name: name.trim() };
  }
  return undefined;
}

/** `-F` writes one field a line, each after its letter. */
async function ownerFromLsof(port: number, { run, env }: Pick<Machine, 'run' | 'env'>): Promise<PortOwner | undefined> {
  const { stdout } = await run('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], { env, timeoutMs: 5000 });
  const pid = Number(/^p(\d+)$/mu.exec(stdout)?.[1] ?? Number.NaN);
  return Number.isNaN(pid) ? undefined : { pid, name: /^c(.+)$/mu.exec(stdout)?.[1] ?? '' };
}
