import type { ActionKind } from '../../../src/doctor/action-kinds.ts';
import type { Fault, Round } from './fault.ts';
import { byHand } from './faults-by-hand.ts';
import { aboutCli, refusedTurn } from './faults-cli.ts';
import { mendable, restartable } from './faults-mendable.ts';
import { damagedDatabase, newerDatabase, takenPort } from './faults-stopped.ts';

const alone = (fault: Fault, action: ActionKind, more: Partial<Round> = {}): Round => ({
  ...more,
  faults: [fault],
  action,
});

/** All of them, in the order in which they are made. */
export const rounds: readonly Round[] = [
  { faults: mendable, action: 'fix_service' },
  { faults: restartable, action: 'restart' },
  ...byHand.map(([action, fault, more]) => alone(fault, action, more)),
  ...aboutCli.map(([action, fault]) => alone(fault, action, { asksCli: true })),
  alone(refusedTurn, 'fix_network', { turn: true }),
  alone(damagedDatabase, 'fix_database', { leaves: 'service_running' }),
  alone(newerDatabase, 'fix_database', { leaves: 'service_running' }),
  alone(takenPort, 'fix_service'),
];
