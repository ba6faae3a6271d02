import { chmodSync, copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DatabaseOutcome } from './database-restore.ts';
import { restoreDatabase } from './database-restore.ts';
import { UpdateError } from './error.ts';
import type { UpdateHost } from './host.ts';
import type { Journal } from './journal.ts';
import { clearJournal, writeJournal } from './journal.ts';
import { verify } from './probe.ts';
import { runScript, switchEnded } from './run-script.ts';
import { switchScript } from './scripts.ts';
import type { Snapshot } from './snapshot.ts';
import { emptyHeld, isHeldFor, removeStage, tryStart } from './staged.ts';
import type { Tree } from './tree.ts';
import { makeFolders } from '../../config/folder.ts';

export interface RollbackRequest {
  /** Whether OCP is to run as a service afterwards. */
  readonly served: boolean;
  /** Whether the server has to be well afterwards. */
  readonly wasWell: boolean;
  /** Ask it for a real answer. */
  readonly turn: boolean;
  /** Put the snapshot's database back as it is. */
  readonly database: boolean;
  /** The step at which this rollback was interrupted before. */
  readonly interruptedAt?: Journal['step'];
}

/** What a rollback did. */
export interface RolledBack {
  readonly snapshot: Snapshot;
  /** Files that were put back because they had changed; the later ones are kept in `aside`. */
  readonly files: readonly string[];
  readonly database: DatabaseOutcome | undefined;
  readonly aside: string;
}

/**
 * Puts back what a snapshot holds: the program, the unit, the configuration, the admin key, and of the database what the old
 * version needs. What is replaced is kept beside the snapshot. It may be done again after an interruption at any step, and
 * comes to the same end. Whoever calls holds the lock. Raises UpdateError and the system's errors.
 */
export async function rollBack(
  host: UpdateHost,
  tree: Tree,
  snapshot: Snapshot,
  request: RollbackRequest,
): Promise<RolledBack> {
  const { progress, service, ocpHome, signal } = host;
  const { from } = snapshot;
  const { interruptedAt = 'rollback', ...asked } = request;
  if (snapshot.root !== tree.root) {
    throw new UpdateError(`that snapshot belongs to the OCP in ${snapshot.root}; use the ocp of that folder`);
  }
  const journal: Journal = {
    action: 'rollback',
    step: interruptedAt,
    root: tree.root,
    from: await tree.standing(),
    to: from,
    snapshot: snapshot.folder,
    startedAt: host.now().toISOString(),
    ...asked,
  };
  writeJournal(ocpHome, journal);
  await switchEnded(tree.workshop);
  const exchange = await prepareExchange(host, tree, snapshot, interruptedAt);
  if (request.served) {
    await progress.step('Stopping the server');
    await service.stop();
  }
  await progress.step(`Putting OCP ${from.version} back`);
  writeJournal(ocpHome, { ...journal, step: 'switch' });
  await exchange();
  writeJournal(ocpHome, { ...journal, step: 'start' });
  const aside = join(snapshot.folder, 'replaced');
  const files = putFilesBack(snapshot, aside);
  const database = await putDatabaseBack(snapshot, aside, request.database);
  if (request.served) {
    await progress.step('Starting the server');
    await service.start();
    await progress.step('Checking the server');
    const { turn, wasWell: well } = request;
    await verify(host.probe, { version: from.version, well, turn, timeoutMs: host.verifyTimeoutMs, signal });
  } else {
    await tryStart(host, tree.root, from.version);
  }
  clearJournal(ocpHome);
  removeStage(tree.workshop);
  return { snapshot, files, database, aside };
}

/** Readies the old program while the server still runs; what it gives puts it in place, in a moment. */
async function prepareExchange(
  host: UpdateHost,
  tree: Tree,
  snapshot: Snapshot,
  interruptedAt: Journal['step'],
): Promise<() => Promise<void>> {
  const { workshop } = tree;
  const script = join(workshop, 'switch.sh');
  const log = join(workshop, 'switch.log');
  const env = { ...host.env, LC_ALL: 'C' };
  if (isHeldFor(workshop, snapshot.folder)) {
    return async () => runScript(join(snapshot.folder, 'restore.sh'), ['code'], log, env);
  }
  const exchange = async (): Promise<void> => runScript(script, ['again'], log, env);
  if (interruptedAt === 'switch') return exchange;
  const present = await tree.standing();
  if (
    interruptedAt === 'start' ||
    (present.commit === snapshot.from.commit && present.version === snapshot.from.version)
  ) {
    return async () => {};
  }
  await host.progress.step(`Preparing OCP ${snapshot.from.version} beside the present version`);
  const layout = await tree.prepare(snapshot.from);
  emptyHeld(workshop, 'nothing');
  writeFileSync(script, switchScript({ layout, from: present, to: snapshot.from }), { mode: 0o700 });
  return exchange;
}

function putFilesBack({ folder, files }: Snapshot, aside: string): readonly string[] {
  const changed = files.filter(({ name, path, restored }) => {
    if (!restored) return false;
    return !existsSync(path) || !readFileSync(path).equals(readFileSync(join(folder, name)));
  });
  for (const { name, path } of changed) {
    if (existsSync(path)) keepAside(path, unused(join(aside, name)));
    makeFolders(dirname(path), 0o700);
    const beside = `${path}.restored`;
    copyFileSync(join(folder, name), beside);
    chmodSync(beside, 0o600);
    renameSync(beside, path);
  }
  return changed.map(({ path }) => path);
}

function keepAside(path: string, to: string): void {
  makeFolders(dirname(to), 0o700);
  copyFileSync(path, to);
  chmodSync(to, 0o600);
}

async function putDatabaseBack(
  { folder, database }: Snapshot,
  aside: string,
  whole: boolean,
): Promise<DatabaseOutcome | undefined> {
  if (database === undefined) return undefined;
  makeFolders(aside, 0o700);
  return restoreDatabase({
    live: database.path,
    kept: join(folder, database.name),
    aside: unused(join(aside, database.name)),
    whole,
  });
}

/** A rollback that is done again must not write over what the first one kept. */
function unused(path: string): string {
  for (let count = 1; ; count++) {
    const candidate = count === 1 ? path : `${path}.${count}`;
    if (!existsSync(candidate)) return candidate;
  }
}
