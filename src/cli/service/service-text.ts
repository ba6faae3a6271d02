import { thisMachine } from '../../host/machine.ts';
import { serviceState } from '../../host/service/choose.ts';
import type { CommandContext } from '../command.ts';

/** How the service of this machine is doing, in a few words: `systemd: active (running), started again 2 times`. */
export async function serviceText({ env, packageRoot, io }: CommandContext): Promise<string> {
  const { kind, isInstalled, detail, restarts } = await serviceState(thisMachine(env, packageRoot, io.signal));
  const again =
    restarts === undefined || restarts === 0 ? '' : `, started again ${restarts === 1 ? 'once' : `${restarts} times`}`;
  return isInstalled ? `${kind}: ${detail}${again}` : 'none: OCP runs in the foreground';
}
