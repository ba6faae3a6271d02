import { HostError } from '../../host/error.ts';
import { UpdateError } from '../../host/update/error.ts';
import { lockUpdates } from '../../host/update/lock.ts';
import { StoreError } from '../../store/error.ts';
import type { CommandContext } from '../command.ts';
import { CommandError, UsageError, command } from '../command.ts';
import { jsonOption } from '../output/json.ts';
import { back, list, planBack, prune } from './back.ts';
import { check, forward, plan } from './forward.ts';
import type { Setting } from './setting.ts';
import { setting } from './setting.ts';

/** `ocp update`: another version, and back. Contract: section 8, with the seed README's upgrade section. */
export const updateCommand = command({
  summary: 'bring OCP to the newest version, or back to the one before',
  description: [
    'Makes the new version ready beside the present one, keeps a snapshot, exchanges the two, restarts the server and checks ' +
      'it. A new version that does not prove itself is taken back. Works for a git checkout and for npm install --global.',
    'An update that was interrupted is finished by ocp update and undone by ocp update --rollback --yes.',
  ],
  arguments: [
    { name: 'PATH', description: 'with --rollback: the snapshot to go back to (the newest)', optional: true },
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
  async run({ options, words: [path] }, context) {
    refuseCombinations(options, path);
    return explained(context, async (made) => {
      const json = options.json === true;
      const dryRun = options['dry-run'] === true;
      if (options.check === true) return check(made, json);
      if (options.list === true) return list(made, json);
      const { yes = false, turn = false } = options;
      const backwards = { path, yes, turn, database: options['restore-database'] === true };
      const forwards = { yes, turn, ...(options.target === undefined ? {} : { target: options.target }) };
      if (dryRun && options.prune === true) return prune(made, true);
      if (dryRun) return options.rollback === true ? planBack(made, backwards) : plan(made, forwards);
      const lock = lockUpdates(made.host.ocpHome);
      try {
        if (options.prune === true) return prune(made, false);
        return await (options.rollback === true ? back(made, backwards) : forward(made, forwards));
      } finally {
        lock[Symbol.dispose]();
      }
    });
  },
});

interface Given {
  readonly check?: boolean;
  readonly target?: string;
  readonly rollback?: boolean;
  readonly list?: boolean;
  readonly 'restore-database'?: boolean;
  readonly prune?: boolean;
  readonly json?: boolean;
}

function refuseCombinations(given: Given, path: string | undefined): void {
  const tasks = (['check', 'rollback', 'prune'] as const).filter((name) => given[name] === true);
  if (tasks.length > 1) throw new UsageError(`${tasks.map((name) => `--${name}`).join(' and ')} do not go together`);
  if (given.rollback !== true) {
    if (path !== undefined) throw new UsageError(`${JSON.stringify(path)} has a meaning only with --rollback`);
    for (const name of ['list', 'restore-database'] as const) {
      if (given[name] === true) throw new UsageError(`--${name} has a meaning only with --rollback`);
    }
  }
  if (given.target !== undefined && tasks.length > 0)
    throw new UsageError(`--target and --${tasks[0]} do not go together`);
  if (given.json === true && given.check !== true && given.list !== true) {
    throw new UsageError('--json has a meaning only with --check and with --rollback --list');
  }
}

/** Failures as one line; whoever stops an update hears what became of it. */
async function explained(context: CommandContext, work: (made: Setting) => Promise<number>): Promise<number> {
  let made: Setting | undefined;
  try {
    made = await setting(context);
    return await work(made);
  } catch (error) {
    await made?.display.end(false);
    if (error instanceof UpdateError || error instanceof HostError || error instanceof StoreError) {
      throw new CommandError(error.message, { cause: error });
    }
    if (context.io.signal.aborted && error === context.io.signal.reason) {
      throw new CommandError('stopped; nothing was changed', { cause: error });
    }
    throw error;
  }
}
