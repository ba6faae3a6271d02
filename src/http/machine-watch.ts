import type { MachineState } from '../claude/machine.ts';
import { machineState, unknownMachine } from '../claude/machine.ts';
import type { RunFolder } from '../claude/run-folder.ts';
import type { Trouble, Troubles } from '../claude/troubles.ts';

/** How often the limits are looked at, ms. */
const LOOK_MS = 5000;
/** From this share of its limit on, something counts as nearly used up. */
const NEARLY = 0.9;

/** The machine beneath OCP, for `/health` and the doctor. Nothing in it names a path. */
export interface MachineHealth extends MachineState {
  /** What keeps requests from being answered at the moment, in one line; undefined when nothing does. */
  readonly problem: string | undefined;
  readonly temporaryFolder: {
    readonly ok: boolean;
    /** How often cleaners took something away, which was made again. */
    readonly recreated: number;
    /** Why its name changes with each restart, and with it every prompt; undefined when it does not. */
    readonly unstable: string | undefined;
  };
  readonly reaper: { readonly ok: boolean; readonly deaths: number };
  readonly troubles: readonly Trouble[];
}

export interface MachineWatch {
  state(): MachineHealth;
  stop(): void;
}

/** Looks at the machine now and every few seconds. */
export async function watchMachine(runFolder: Pick<RunFolder, 'state'>, troubles: Troubles): Promise<MachineWatch> {
  let machine = unknownMachine;
  const look = async (): Promise<void> => {
    machine = await machineState(machine);
  };
  await look();
  const timer = setInterval(() => void look(), LOOK_MS);
  timer.unref();
  return {
    state: () => {
      const { problem, recreated, unstable, reaper } = runFolder.state;
      return {
        ...machine,
        problem: problem ?? reaperProblem(reaper.isRunning) ?? troubles.latest() ?? nearlyUsedUp(machine),
        temporaryFolder: { ok: problem === undefined, recreated, unstable },
        reaper: { ok: reaper.isRunning, deaths: reaper.deaths },
        troubles: troubles.all(),
      };
    },
    stop: () => clearInterval(timer),
  };
}

function reaperProblem(isRunning: boolean): string | undefined {
  return isRunning ? undefined : 'the process that ends the workers of an OCP that was killed is not running';
}

function nearlyUsedUp({ openFiles, processes }: MachineState): string | undefined {
  for (const [what, share] of [
    ['open files', openFiles],
    ['processes', processes],
  ] as const) {
    if (share?.used === undefined || share.used < share.limit * NEARLY) continue;
    return `${share.used} of ${share.limit} ${what} are in use`;
  }
  return undefined;
}
