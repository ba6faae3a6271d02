import { after } from 'node:test';
import { untilHealth } from './health.ts';
import type { Ocp, OcpOptions } from './ocp.ts';
import { startOcp } from './ocp.ts';

const running = new Map<string, Promise<Ocp>>();

/**
 * An OCP for all suites of one test file that want the same, gone after the last of them. Its first worker is there: a request
 * that comes before it starts another one, which costs a second of a core.
 */
export async function sharedOcp(options: Omit<OcpOptions, 'now' | 'simulator'> = {}): Promise<Ocp> {
  const wanted = JSON.stringify(options);
  const ocp = running.get(wanted) ?? startReady(options);
  running.set(wanted, ocp);
  return ocp;
}

async function startReady(options: OcpOptions): Promise<Ocp> {
  const ocp = await startOcp(options);
  await untilHealth(ocp, ({ workers }) => workers.spares > 0);
  return ocp;
}

// A hook of the file, not of the suite that asked first.
after(async () => {
  for (const ocp of running.values()) await (await ocp)[Symbol.asyncDispose]();
});
