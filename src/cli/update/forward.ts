import { compareVersions } from '../../claude/version.ts';
import { latestVersion } from '../../host/latest-version.ts';
import { UpdateError } from '../../host/update/error.ts';
import type { Journal } from '../../host/update/journal.ts';
import { readJournal } from '../../host/update/journal.ts';
import { rollBack } from '../../host/update/rollback.ts';
import { findSnapshot } from '../../host/update/snapshot.ts';
import type { Tree } from '../../host/update/tree.ts';
import type { Updated } from '../../host/update/update.ts';
import { abandon, finishUpdate, update } from '../../host/update/update.ts';
import { UsageError } from '../command.ts';
import { confirm } from '../confirm.ts';
import { clean } from '../output/clean.ts';
import { printJson } from '../output/json.ts';
import { withSpinner } from '../output/spinner.ts';
import type { Setting } from './setting.ts';

/** How an update is done: `light` within a minor version, `full` across them. */
type Path = 'none' | 'light' | 'full';

export interface ForwardOptions {
  readonly target?: string;
  readonly yes?: boolean;
  readonly turn?: boolean;
}

const LOOKUP_MS = 20_000;

/** `ocp update --check`. */
export async function check(setting: Setting, json: boolean): Promise<number> {
  const { context, installation, host } = setting;
  const current = installation.version ?? 'unknown';
  const found = await lookUp(setting);
  const path = pathBetween(current, found.version);
  const interrupted = readJournal(host.ocpHome) !== undefined;
  if (json) {
    printJson(context.io, { current, latest: found.version, from: found.from, update: path, interrupted });
    return 0;
  }
  context.io.stdout(
    path === 'none'
      ? `OCP ${current} is the newest version (${clean(found.from)} has ${found.version}).`
      : `OCP ${current} → ${found.version} (from ${clean(found.from)}). Install it with: ocp update`,
  );
  if (interrupted) context.io.stdout(interruptedText);
  return 0;
}

export const interruptedText =
  'An update was interrupted: ocp update finishes it, ocp update --rollback --yes undoes it.';

/** `ocp update --dry-run`. Changes nothing. */
export async function plan(setting: Setting, options: ForwardOptions): Promise<number> {
  const { io } = setting.context;
  const tree = await setting.tree();
  const { version, path } = await goal(setting, options);
  if (path === 'none') return upToDate(setting, version);
  await tree.checkOwn();
  const { host } = setting;
  const served = await host.service.isRunning();
  const lines = [
    `OCP ${setting.installation.version ?? ''} → ${version}, the ${path} path, in ${tree.root}`,
    tree.kind === 'git'
      ? `git fetch v${version}; make it ready in ${tree.workshop}: npm ci where its packages differ, npm run build`
      : `npm install ${setting.installation.name}@${version} into ${tree.workshop}`,
    'start it there once',
    `keep a snapshot in ${host.ocpHome}: versions, unit, configuration, admin key, database, OpenClaw's file`,
    path === 'light' ? 'fast-forward the branch, exchange the packages' : 'exchange the version and its packages',
    "bring OpenClaw's list of models up to date, where OpenClaw is",
    served
      ? `restart the server; wait for ${version} to be well on ${host.probe.url} and to list its models` +
        (options.turn === true ? '; ask it for a real answer' : '')
      : 'leave the server alone: it does not run as a service',
    'go back by itself when any of this fails',
  ];
  for (const line of lines) io.stdout(`[plan] ${line}`);
  return 0;
}

/** `ocp update`; finishes one that was interrupted first. */
export async function forward(setting: Setting, options: ForwardOptions): Promise<number> {
  const { host, display, context } = setting;
  const tree = await setting.tree();
  const journal = readJournal(host.ocpHome);
  if (journal !== undefined) {
    const ended = await finishEarlier(setting, tree, journal);
    if (ended !== undefined) return ended;
  }
  const { version, path } = await goal(setting, options);
  if (path === 'none') return upToDate(setting, version);
  if (path === 'full' && options.yes !== true) {
    const from = setting.installation.version ?? 'the present version';
    const question = `Update OCP ${from} to ${version}? Its server restarts.`;
    // Where nobody can be asked, the command itself is the answer.
    if ((await confirm(context.io, question)) === false) {
      context.io.stdout('Nothing was changed.');
      return 1;
    }
  }
  const light = path === 'light' && options.target === undefined;
  const done = await update(host, tree, { version, light, turn: options.turn === true });
  await display.end(true);
  await tellUpdated(setting, done);
  return 0;
}

/** Sees to an update that did not come to its end. Gives the exit status where that is all that was to be done. */
async function finishEarlier(setting: Setting, tree: Tree, journal: Journal): Promise<number | undefined> {
  const { host, display, context } = setting;
  const { io } = context;
  if (journal.root !== tree.root) {
    throw new UpdateError(
      `an update of the OCP in ${journal.root} was interrupted; finish it with the ocp of that folder`,
    );
  }
  if (journal.action === 'rollback') {
    io.stdout(`Finishing the way back to OCP ${journal.to.version}, which was interrupted.`);
    const { served, wasWell, turn, database, step: interruptedAt } = journal;
    const snapshot = findSnapshot(host.ocpHome, journal.snapshot);
    await rollBack(host, tree, snapshot, { served, wasWell, turn, database, interruptedAt });
    await display.end(true);
    io.stdout(`OCP ${journal.to.version} is back. ocp update updates it.`);
    return 0;
  }
  if (journal.step === 'prepare') {
    io.stdout(`An update to ${journal.to.version} was interrupted before it changed anything; beginning anew.`);
    abandon(host, tree, journal);
    return undefined;
  }
  io.stdout(`Finishing the update to OCP ${journal.to.version}, which was interrupted.`);
  const done = await finishUpdate(host, tree, journal, 'again');
  await display.end(true);
  await tellUpdated(setting, done);
  return 0;
}

async function tellUpdated({ context, host }: Setting, { from, to, snapshot, restarted }: Updated): Promise<void> {
  const { io } = context;
  io.stdout(`OCP ${to.version} is installed${restarted ? ` and answers on ${host.probe.url}` : ''}.`);
  const look = restarted ? undefined : await host.probe.look();
  if (look !== undefined && look.version !== to.version) {
    io.stdout(
      `The server on ${host.probe.url} is still ${look.version}, and no service of OCP: start it anew yourself.`,
    );
  }
  io.stdout(`Back to ${from.version}: ocp update --rollback --yes (snapshot ${snapshot})`);
}

async function upToDate({ context, host, installation }: Setting, version: string): Promise<number> {
  const current = installation.version ?? '';
  const isNewer = compareVersions(plain(current), plain(version)) > 0;
  context.io.stdout(
    isNewer ? `OCP ${current} is newer than ${version}, the newest release.` : `OCP ${current} is up to date.`,
  );
  const look = await host.probe.look();
  if (look !== undefined && look.version !== current) {
    context.io.stdout(`The server on ${host.probe.url} is still ${look.version}: ocp restart`);
  }
  return 0;
}

async function goal(setting: Setting, { target }: ForwardOptions): Promise<{ version: string; path: Path }> {
  const current = setting.installation.version ?? '0.0.0';
  if (target !== undefined) {
    const version = /^v?(\d{1,6}\.\d{1,6}\.\d{1,6}(?:-[0-9A-Za-z.-]{1,64})?)$/u.exec(target)?.[1];
    if (version === undefined)
      throw new UsageError(`--target is ${JSON.stringify(target)}, but must be a version: v1.2.3`);
    return { version, path: version === current ? 'none' : 'full' };
  }
  const { version } = await lookUp(setting);
  return { version, path: pathBetween(current, version) };
}

async function lookUp({ context, installation, host }: Setting): Promise<{ version: string; from: string }> {
  const { env, signal } = host;
  const found = await withSpinner(context.io, 'Looking for the newest version', async () =>
    latestVersion(installation, { run: host.run, env, timeoutMs: LOOKUP_MS, signal }),
  );
  signal.throwIfAborted();
  if (found.version === undefined) throw new UpdateError(`the newest version is not known: ${found.reason}`);
  return found;
}

function pathBetween(current: string, latest: string): Path {
  if (compareVersions(plain(latest), plain(current)) <= 0 && !isEarlyForm(current, latest)) return 'none';
  const [one, other] = [current, latest].map((version) => version.split('.').slice(0, 2).join('.'));
  return one === other ? 'light' : 'full';
}

/** 1.0.0-rc.1 comes before 1.0.0. */
function isEarlyForm(current: string, latest: string): boolean {
  return current.startsWith(`${latest}-`);
}

function plain(version: string): string {
  return version.split('-', 1)[0] ?? '';
}
