import { command } from '../command.ts';
import { jsonOption } from '../output/json.ts';

/** `ocp update`: another version, and back. Contract: section 8, with the seed README's upgrade section. */
export const updateCommand = command({
  summary: 'bring OCP to the newest version, or back to the one before',
  description: [
    'Makes the new version ready beside the present one, keeps a snapshot, exchanges the two, restarts the server and checks ' +
      'it. A new version that does not prove itself is taken back. Works for a git checkout and for npm install --global.',
    'An update that was interrupted is finished by ocp update and undone by ocp update --rollback --yes.',
  ],
  arguments: [
    {
      name: 'PATH',
      description: 'with --rollback: the snapshot to go back to (the newest of another version)',
      optional: true,
    },
  ],
  options: {
    check: { type: 'boolean', description: 'only say which version there is' },
    'dry-run': { type: 'boolean', description: 'only say what would be done' },
    target: {
      type: 'string',
      value: 'VERSION',
      description: 'come to this version, such as v1.2.3, older ones included',
    },
    yes: { type: 'boolean', short: 'y', description: 'do not ask' },
    turn: { type: 'boolean', description: 'also ask the new server for a real answer' },
    rollback: { type: 'boolean', description: 'go back to a snapshot' },
    list: { type: 'boolean', description: 'with --rollback: only list the snapshots' },
    'restore-database': {
      type: 'boolean',
      description: 'with --rollback: the database, too, becomes what it was; usage and keys since then are put aside',
    },
    prune: { type: 'boolean', description: 'remove all snapshots but the newest' },
    ...jsonOption,
  },
  examples: [
    { line: 'ocp update --check', does: 'says whether there is a newer version' },
    { line: 'ocp update', does: 'installs it' },
    { line: 'ocp update --target v1.2.3', does: 'installs that one' },
    { line: 'ocp update --rollback --yes', does: 'goes back to the version before' },
  ],
  run: async ({ options, words }, context) => (await import('./update.ts')).update(options, words[0], context),
});
