import { join } from 'node:path';
import type { UpdateService } from '../../host/update/host.ts';
import { firstLine } from '../../host/update/error.ts';
import { thisMachine } from '../../host/machine.ts';
import type { CommandContext } from '../command.ts';
import { CommandError } from '../command.ts';
import { ownService } from '../service/own-service.ts';

/** `ocp start` waits for the server, which may take a minute. */
const START_MS = 180_000;

/** The service of this machine for an update, and the address of its server. Raises ConfigError. */
export async function updateService(context: CommandContext): Promise<UpdateService & { readonly url: string }> {
  const { env, packageRoot } = context;
  // Whoever stops an update does not stop the way back.
  const machine = thisMachine(env, packageRoot, new AbortController().signal);
  const { service, url } = await ownService(context, machine);
  const { definition } = await service.state();
  return {
    url,
    unitFiles: [definition],
    isRunning: async () => (await service.state()).isComing,
    stop: async () => service.stop(),
    async start() {
      // The program that is in place now knows best how its unit has to look.
      const ocp = join(packageRoot, 'ocp');
      const { code, stderr } = await machine.run(ocp, ['start'], { env: machine.env, timeoutMs: START_MS });
      if (code !== 0) throw new CommandError(firstLine(stderr).replace(/^ocp: /u, '') || 'ocp start was killed');
    },
  };
}
