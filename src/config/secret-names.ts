import type { VariableDefinition } from './variables.ts';
import { variables } from './variables.ts';

/** Whether a variable's value must not be shown: OCP's keys, and whatever is named like one; a proxy's address may hold a password. */
export function isSecretName(name: string): boolean {
  const row = (variables as readonly VariableDefinition[]).find((candidate) => candidate.name === name);
  return row === undefined ? /KEY|TOKEN|SECRET|PASSWORD|PROXY$/iu.test(name) : row.kind === 'secret';
}
