import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { UpdateError } from '../../host/update/error.ts';
import { readJournal } from '../../host/update/journal.ts';
import type { RolledBack } from '../../host/update/rollback.ts';
import { rollBack } from '../../host/update/rollback.ts';
import type { Snapshot } from '../../host/update/snapshot.ts';
import { findSnapshot, folderBytes, listSnapshots, pruneSnapshots } from '../../host/update/snapshot.ts';
import { isHeldFor } from '../../host/update/staged.ts';
import type { Tree } from '../../host/update/tree.ts';
import { abandon } from '../../host/update/update.ts';
import { CommandError } from '../command.ts';
import { confirm } from '../confirm.ts';
import { bytesText, timeText } from '../output/format.ts';
import { printJson } from '../output/json.ts';
import { printTable } from '../output/table.ts';
import type { Setting } from './setting.ts';

export interface BackOptions {
  readonly path: string | undefined;
  readonly yes?: boolean;
  readonly turn?: boolean;
  readonly database?: boolean;
}

/** `ocp update --rollback --list`. */
export function list({ host, context }: Setting, json: boolean): number {
  const snapshots = listSnapshots(host.ocpHome);
  if (json) {
    const view = snapshots.map(({ folder, createdAt, from, to, kind, root }) => {
      return { folder, createdAt, from, to, kind, root, bytes: folderBytes(folder) };
    });
    printJson(context.io, { snapshots: view });
    return 0;
  }
  if (snapshots.length === 0) {
    context.io.stdout(`There is no snapshot in ${host.ocpHome}.`);
    return 0;
  }
  printTable(
    context.io,
    [
      { title: 'Taken' },
      { title: 'Before the update' },
      { title: 'Size', align: 'right', drop: 1 },
      { title: 'Folder', least: 20 },
    ],
    snapshots.map(({ folder, createdAt, from, to }) => [
      timeText(createdAt),
      `${from.version} → ${to.version}`,
      bytesText(folderBytes(folder)),
      folder,
    ]),
  );
  return 0;
}

/** `ocp update --rollback --dry-run`. Changes nothing. */
export async function planBack(setting: Setting, options: BackOptions): Promise<number> {
  const { host, context } = setting;
  const tree = await setting.tree();
  const snapshot = findSnapshot(host.ocpHome, options.path ?? (await newestOfAnother(setting, tree)));
  const { from, folder, files, database } = snapshot;
  const isHeld = isHeldFor(tree.workshop, folder);
  const lines = [
    `OCP ${setting.installation.version ?? ''} → ${from.version}, from the snapshot ${folder}`,
    ...(isHeld ? [] : [`make ${from.version} ready in ${tree.workshop}, its packages included`]),
    'stop the server, where it runs as a service',
    `put the program of ${from.version} back in ${tree.root}${from.commit === undefined ? '' : ` (commit ${from.commit.slice(0, 12)})`}`,
    ...files
      .filter(({ restored }) => restored)
      .map(({ path }) => `put ${path} back where it changed; the later one is kept beside the snapshot`),
    ...databasePlan(database, options.database === true),
    'start the server; wait for it to be well',
  ];
  for (const line of lines) context.io.stdout(`[plan] ${line}`);
  return 0;
}

/** `ocp update --rollback`; also the way out of an update that was interrupted. */
export async function back(setting: Setting, options: BackOptions): Promise<number> {
  const { host, display, context } = setting;
  const { io } = context;
  const tree = await setting.tree();
  const journal = readJournal(host.ocpHome);
  if (journal?.action === 'update' && journal.step === 'prepare') {
    abandon(host, tree, journal);
    if (options.path === undefined) {
      io.stdout(
        `The update to ${journal.to.version} had changed nothing yet; OCP ${journal.from.version} is as it was.`,
      );
      return 0;
    }
  }
  const interrupted = journal?.step === 'prepare' ? undefined : journal;
  const path = options.path ?? interrupted?.snapshot ?? (await newestOfAnother(setting, tree));
  const snapshot = findSnapshot(host.ocpHome, path);
  // In the middle of an exchange there is nothing of the operator's in the tree yet.
  if (interrupted === undefined) await tree.checkOwn();
  await allow(setting, snapshot, options);
  const served = interrupted?.served ?? (await host.service.isRunning());
  const look = await host.probe.look();
  if (!served && look !== undefined) {
    throw new UpdateError(`a server that is no service of OCP runs on ${host.probe.url}; stop it first`);
  }
  const done = await rollBack(host, tree, snapshot, {
    served,
    wasWell: interrupted?.wasWell ?? look?.isWell ?? false,
    turn: options.turn === true,
    database: options.database === true,
    ...(interrupted?.action === 'rollback' && interrupted.snapshot === snapshot.folder
      ? { interruptedAt: interrupted.step }
      : {}),
  });
  await display.end(true);
  tell(setting, done, served);
  return 0;
}

/** `ocp update --prune`. */
export function prune({ host, context }: Setting, dryRun: boolean): number {
  const { io } = context;
  if (dryRun) {
    for (const { folder } of listSnapshots(host.ocpHome).slice(1)) io.stdout(`[plan] remove ${folder}`);
    return 0;
  }
  // Snapshots that were not finished belong to an update that is not over.
  const journal = readJournal(host.ocpHome);
  if (journal !== undefined) throw new UpdateError('an update was interrupted; finish it with ocp update first');
  const gone = pruneSnapshots(host.ocpHome);
  for (const { folder } of gone) io.stdout(`removed ${folder}`);
  const [kept] = listSnapshots(host.ocpHome);
  io.stdout(kept === undefined ? 'There is no snapshot.' : `Kept the newest: ${kept.folder}`);
  if (kept !== undefined) rmSync(join(kept.folder, 'switch.log'), { force: true });
  return 0;
}

/** The newest snapshot of another version: that of an update that was taken back holds the version that is installed. */
async function newestOfAnother({ host }: Setting, tree: Tree): Promise<string | undefined> {
  const { version, commit } = await tree.standing();
  const others = listSnapshots(host.ocpHome).filter(({ from }) => from.version !== version || from.commit !== commit);
  return others[0]?.folder;
}

async function allow({ context }: Setting, { from, folder }: Snapshot, { yes }: BackOptions): Promise<void> {
  if (yes === true) return;
  const answer = await confirm(context.io, `Go back to OCP ${from.version} as it was in ${folder}?`);
  if (answer === true) return;
  throw new CommandError(
    answer === undefined ? `this goes back to OCP ${from.version}; say that it may with --yes` : 'nothing was changed',
  );
}

function databasePlan(database: Snapshot['database'], whole: boolean): string[] {
  if (database === undefined) return [];
  if (whole) return [`put the database of the snapshot back as it is; the present one is kept beside the snapshot`];
  return [
    `leave the database as it is, unless its schema is newer than ${database.schema}: then go back with all that fits`,
  ];
}

function tell({ context, host }: Setting, { snapshot, files, database, aside }: RolledBack, served: boolean): void {
  const { io } = context;
  io.stdout(`OCP ${snapshot.from.version} is back${served ? ` and answers on ${host.probe.url}` : ''}.`);
  for (const path of files) io.stdout(`Put back: ${path}`);
  if (database?.kind === 'replaced') io.stdout('The database is as it was in the snapshot.');
  if (database?.kind === 'carried') {
    io.stdout('The database went back to the older schema with all that was written since.');
    if (database.lost.length > 0) io.stdout(`As in the snapshot: ${database.lost.join(', ')}.`);
  }
  if (files.length > 0 || (database !== undefined && database.kind !== 'untouched')) {
    io.stdout(`What was there before is in ${aside}.`);
  }
}
