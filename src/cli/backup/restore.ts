import { resolve } from 'node:path';
import { BackupError } from '../../backup/archive.ts';
import { restoreBackup } from '../../backup/restore.ts';
import { readServerRecord } from '../../config/server-record.ts';
import { isAlive, markOf } from '../../host/service/background-files.ts';
import { whoAnswers } from '../../host/server-answer.ts';
import type { CommandContext } from '../command.ts';
import { CommandError } from '../command.ts';
import { ownService } from '../service/own-service.ts';

/** `ocp restore`. */
export async function restore(
  from: string,
  options: { readonly force?: boolean },
  context: CommandContext,
): Promise<number> {
  const { home, service, url, machine } = await ownService(context);
  const mark = await markOf(readServerRecord(home)?.pid ?? 0);
  const isAnswering = (await whoAnswers(url, machine.signal)).kind === 'ocp';
  if ((await service.state()).isComing || (mark !== undefined && (await isAlive(mark))) || isAnswering) {
    throw new CommandError('OCP is running; stop it first: ocp stop (or Ctrl-C where ocp serve runs)');
  }
  const path = resolve(from);
  const { manifest, aside, missing } = await explained(
    restoreBackup({ path, ocpHome: home, force: options.force === true, now: Date.now() }),
  );
  const { io } = context;
  io.stdout(`${home} is restored from the backup of ${manifest.createdAt} (OCP ${manifest.version}).`);
  if (aside !== undefined) io.stdout(`What was there before is in ${aside}.`);
  if (missing.length > 0) io.stdout('What the backup does not have, to be entered again:');
  for (const line of missing) io.stdout(`  ${line}`);
  io.stdout('Then: ocp start');
  return 0;
}

async function explained<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof BackupError || (error instanceof Error && 'code' in error)) {
      throw new CommandError(`nothing was restored: ${error.message.split('\n', 1)[0] ?? ''}`);
    }
    throw error;
  }
}
