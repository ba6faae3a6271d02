/**
 * Kinds of `next_action`, the most urgent first: a cause stands before what it causes. `fresh_install`, `fix_service`,
 * `fix_oauth`, `restart`, `update`, `upgrade` and `noop` are those of the contract (section "CLI" of OCP's contract).
 */
export const actionKinds = [
  'fresh_install',
  'finish_update',
  'fix_config',
  'fix_disk',
  'fix_database',
  'fix_service',
  'fix_cli',
  'fix_oauth',
  'fix_network',
  'fix',
  'wait_for_plan',
  'restart',
  'update',
  'upgrade',
  'noop',
] as const;

export type ActionKind = (typeof actionKinds)[number];

/** What each kind asks for. For the documentation. */
export const kindTexts: Readonly<Record<ActionKind, string>> = {
  fresh_install: 'install OCP anew: what is there cannot be brought up to date',
  finish_update: 'finish an update that was interrupted, or undo it',
  fix_config: 'correct the configuration',
  fix_disk: 'make room on the disk',
  fix_database: 'bring the database back, or begin with an empty one',
  fix_service: 'make the server run',
  fix_cli: 'install or update the Claude CLI',
  fix_oauth: 'log in to Claude',
  fix_network: "mend this machine's way to Anthropic",
  fix: 'what `ocp doctor --fix` does, or the named commands',
  wait_for_plan: "wait until the plan's limit resets, or use another login",
  restart: 'restart the server, which runs an older version than the one installed',
  update: 'update OCP to a newer patch of the same minor version',
  upgrade: 'update OCP to a newer minor or major version',
  noop: 'nothing',
};
