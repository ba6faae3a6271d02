import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { databasePath } from '../../store/files.ts';
import { UpdateError, firstLine } from './error.ts';
import type { UpdateHost } from './host.ts';
import type { Journal, Standing } from './journal.ts';
import { clearJournal, writeJournal } from './journal.ts';
import { verify } from './probe.ts';
import { rollBack } from './rollback.ts';
import { runScript, switchEnded } from './run-script.ts';
import { restoreScript, switchScript } from './scripts.ts';
import { findSnapshot, newSnapshotFolder, takeSnapshot } from './snapshot.ts';
import { SOURCE_BYTES, checkSpace, emptyHeld, removeStage, tryStart } from './staged.ts';
import type { Tree } from './tree.ts';

const SYNC_TIMEOUT_MS = 60_000;

export interface UpdateRequest {
  /** The version to come to, without a `v`. */
  readonly version: string;
  /** A checkout stays on its branch where it can. */
  readonly light: boolean;
  /** Ask the new server for a real answer. */
  readonly turn: boolean;
}

/** An update that came to its end. */
export interface Updated {
  readonly from: Standing;
  readonly to: Standing;
  readonly snapshot: string;
  /** Whether a service was restarted; otherwise whatever runs is still the old version. */
  readonly restarted: boolean;
}

/**
 * Brings OCP to another version. All that takes long or can fail happens beside the installed version; exchanging the two
 * takes a moment. A new version that does not prove itself is taken back. Whoever calls holds the lock, and has seen to
 * an earlier update that was interrupted.
 *
 * Raises UpdateError: up to the exchange nothing was changed; behind it the old version is back, or the message says the
 * command that brings it back.
 */
export async function update(host: UpdateHost, tree: Tree, request: UpdateRequest): Promise<Updated> {
  const { progress, service, probe, ocpHome } = host;
  await progress.step(`Fetching v${request.version}`);
  const from = await tree.standing();
  const to = await tree.find(request.version, request.light);
  await tree.check(to);
  const database = databasePath(ocpHome);
  // Room for the copy in the snapshot, and for one that a rollback makes.
  if (existsSync(database)) checkSpace(host, ocpHome, 2 * statSync(database).size + SOURCE_BYTES);
  const now = host.now();
  const snapshot = newSnapshotFolder(ocpHome, now);
  const journal: Journal = {
    action: 'update',
    step: 'prepare',
    root: tree.root,
    from,
    to,
    snapshot,
    served: await service.isRunning(),
    wasWell: (await probe.look())?.isWell ?? true,
    turn: request.turn,
    database: false,
    startedAt: now.toISOString(),
  };
  writeJournal(ocpHome, journal);
  try {
    await progress.step(`Preparing v${to.version} beside the present version`);
    const layout = await tree.prepare(to);
    await progress.step('Keeping a snapshot');
    const { unitFiles } = service;
    const { openclawFile } = host;
    const { kind, root, workshop } = tree;
    await takeSnapshot(snapshot, { ocpHome, kind, root, from, to, unitFiles, openclawFile, now });
    emptyHeld(workshop, snapshot);
    const change = { layout, from, to };
    writeFileSync(join(workshop, 'switch.sh'), switchScript(change), { mode: 0o700 });
    const restore = restoreScript({ ...change, snapshot, reinstall: tree.reinstall(from) });
    writeFileSync(restorePath(snapshot), restore, { mode: 0o700 });
    host.signal.throwIfAborted();
  } catch (error) {
    abandon(host, tree, journal);
    throw error;
  }
  return finishUpdate(host, tree, writeJournal(ocpHome, { ...journal, step: 'switch' }));
}

/** Forgets an update that had not come to the exchange. */
export function abandon({ ocpHome }: UpdateHost, tree: Tree, { snapshot }: Journal): void {
  removeStage(tree.workshop);
  rmSync(snapshot, { recursive: true, force: true });
  clearJournal(ocpHome);
}

/**
 * Takes an update from the exchange to its end; also one that was interrupted there (`again`). Raises UpdateError as `update`
 * does.
 */
export async function finishUpdate(
  host: UpdateHost,
  tree: Tree,
  journal: Journal,
  again: 'again' | 'first' = 'first',
): Promise<Updated> {
  const { from, to, snapshot } = journal;
  const hint = `Should this be interrupted: ocp update finishes it, sh ${restorePath(snapshot)} undoes it.`;
  try {
    if (again === 'first') await host.progress.note(hint);
    await exchangeAndProve(host, tree, journal, again);
  } catch (error) {
    if (isRefusal(error)) {
      abandon(host, tree, journal);
      throw new UpdateError(`the checkout was changed meanwhile, so it was left as it is: ${firstLine(error)}`);
    }
    return await takeBack(host, tree, journal, error);
  }
  clearJournal(host.ocpHome);
  removeStage(tree.workshop);
  return { from, to, snapshot, restarted: journal.served };
}

async function exchangeAndProve(host: UpdateHost, tree: Tree, begun: Journal, again: 'again' | 'first'): Promise<void> {
  const { progress, service, ocpHome, signal } = host;
  const { to, served } = begun;
  let journal = begun;
  if (journal.step === 'switch') {
    await progress.step(`Putting v${to.version} in place`);
    await switchEnded(tree.workshop);
    const { workshop } = tree;
    const env = { ...host.env, LC_ALL: 'C' };
    const words = again === 'again' ? ['again'] : [];
    await runScript(join(workshop, 'switch.sh'), words, join(workshop, 'switch.log'), env);
    journal = writeJournal(ocpHome, { ...journal, step: 'start' });
  }
  await syncOpenClaw(host, tree);
  if (!served) {
    await progress.step(`Checking that v${to.version} starts`);
    await tryStart(host, tree.root, to.version);
    return;
  }
  if (journal.step === 'start' || again === 'again') {
    await progress.step('Restarting the server');
    await service.stop();
    await service.start();
    journal = writeJournal(ocpHome, { ...journal, step: 'verify' });
  }
  await progress.step('Checking the new server');
  const { turn, wasWell: well } = journal;
  await verify(host.probe, { version: to.version, well, turn, timeoutMs: host.verifyTimeoutMs, signal });
}

/** git did not want to write over changes: then nothing at all was done. */
function isRefusal(error: unknown): boolean {
  return error instanceof UpdateError && /would be overwritten by (?:checkout|merge)/u.test(error.message);
}

async function takeBack(host: UpdateHost, tree: Tree, journal: Journal, cause: unknown): Promise<never> {
  const { from, to, snapshot, served, wasWell } = journal;
  const reason = firstLine(cause);
  // Whoever stopped the update wants the old version to be back all the same.
  const { signal } = new AbortController();
  await host.progress.note(`Going back to ${from.version}: ${reason}`);
  try {
    await rollBack({ ...host, signal }, tree.stoppedBy(signal), findSnapshot(host.ocpHome, snapshot), {
      served,
      wasWell,
      turn: false,
      database: false,
    });
  } catch (error) {
    throw new UpdateError(
      `the update to ${to.version} failed (${reason}), and going back failed too (${firstLine(error)}); ` +
        `bring ${from.version} back with: sh ${restorePath(snapshot)}`,
    );
  }
  throw new UpdateError(`the update to ${to.version} failed, and OCP ${from.version} is back: ${reason}`);
}

/** The new version's own command, since the models are the new version's. Its failure is no failure of the update. */
async function syncOpenClaw({ run, env, signal, openclawFile, progress }: UpdateHost, tree: Tree): Promise<void> {
  if (!existsSync(openclawFile)) return;
  const outcome = await run(join(tree.root, 'ocp'), ['sync', 'openclaw', '--quiet'], {
    env,
    timeoutMs: SYNC_TIMEOUT_MS,
    signal,
  });
  if (outcome.code !== 0) await progress.note('OpenClaw was not brought up to date; try: ocp sync openclaw');
}

/** The script that undoes the update of a snapshot without OCP's help. */
export function restorePath(snapshot: string): string {
  return join(snapshot, 'restore.sh');
}
