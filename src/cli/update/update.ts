import { HostError } from '../../host/error.ts';
import { UpdateError } from '../../host/update/error.ts';
import { lockUpdates } from '../../host/update/lock.ts';
import { StoreError } from '../../store/error.ts';
import type { CommandContext } from '../command.ts';
import { CommandError, UsageError } from '../command.ts';
import { back, list, planBack, prune } from './back.ts';
import { check, forward, plan } from './forward.ts';
import type { Setting } from './setting.ts';
import { setting } from './setting.ts';

interface UpdateOptions {
  readonly check?: boolean;
  readonly 'dry-run'?: boolean;
  readonly target?: string;
  readonly yes?: boolean;
  readonly turn?: boolean;
  readonly rollback?: boolean;
  readonly list?: boolean;
  readonly 'restore-database'?: boolean;
  readonly prune?: boolean;
  readonly json?: boolean;
}

/** `ocp update`. */
export async function update(
  options: UpdateOptions,
  path: string | undefined,
  context: CommandContext,
): Promise<number> {
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
}

function refuseCombinations(given: UpdateOptions, path: string | undefined): void {
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
