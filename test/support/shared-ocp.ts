import { after } from 'node:test';
import type { Ocp, OcpOptions } from './ocp.ts';
import { startOcp } from './ocp.ts';

const running = new Map<string, Promise<Ocp>>();

/** An OCP for all suites of one test file that want the same, gone after the last of them. */
export async function sharedOcp(options: Omit<OcpOptions, 'now' | 'simulator'> = {}): Promise<Ocp> {
  const wanted = JSON.stringify(options);
  const ocp = running.get(wanted) ?? startOcp(options);
  running.set(wanted, ocp);
  return ocp;
}

// A hook of the file, not of the suite that asked first.
after(async () => {
  for (const ocp of running.values()) await (await ocp)[Symbol.asyncDispose]();
});
