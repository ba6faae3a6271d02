import type { Chosen } from './choose.ts';
import { sessionChange, shellChanges, shellClient } from './environment/shells.ts';
import type { Variable } from './environment/variables.ts';
import type { Hindrance, PlannedChange } from './files/change.ts';
import { planChange } from './files/change.ts';
import type { Machine } from './machine.ts';
import type { Offer } from './offer.ts';

/** What is to be done to one client, or to the shells, worked out on paper. */
export interface Prepared {
  readonly id: string;
  readonly name: string;
  readonly changes: readonly (PlannedChange | Hindrance)[];
  readonly notes: readonly string[];
  readonly reload?: string | undefined;
}

export function prepareClient({ client, wishes }: Chosen, machine: Machine, offer: Offer): Prepared {
  const { changes, notes } = client.plan(machine, offer, wishes);
  return {
    id: client.id,
    name: client.name,
    changes: changes.map((change) => planChange(change, client.id)),
    notes,
    reload: client.reload,
  };
}

/** The start files of shells, and what graphical sessions read. */
export function prepareShells(
  machine: Machine,
  variables: readonly Variable[],
): { shells: Prepared; session: Prepared } {
  const session = sessionChange(machine, variables);
  return {
    shells: {
      id: shellClient,
      name: 'Shells',
      changes: shellChanges(machine, variables).map((change) => planChange(change, shellClient)),
      notes: [],
    },
    session: {
      id: shellClient,
      name: 'Sessions',
      changes: session === undefined ? [] : [planChange(session, shellClient)],
      notes: [],
    },
  };
}
