import { statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { BackupError } from '../../backup/archive.ts';
import { backupName } from '../../backup/schedule.ts';
import { makeBackup } from '../../backup/make.ts';
import { makeFolders } from '../../config/folder.ts';
import type { CommandContext } from '../command.ts';
import { CommandError } from '../command.ts';
import { ocpVersion } from '../dispatch.ts';
import { usableConfiguration } from '../usable-configuration.ts';

/** `ocp backup`. */
export async function backup(
  to: string | undefined,
  options: { readonly 'with-secrets'?: boolean },
  context: CommandContext,
): Promise<number> {
  const { io, packageRoot } = context;
  const { config } = usableConfiguration(context);
  const now = Date.now();
  const named = to === undefined ? (config.backupDir ?? join(config.home, 'backups')) : resolve(to);
  const isFolder =
    to === undefined || to.endsWith('/') || statSync(named, { throwIfNoEntry: false })?.isDirectory() === true;
  const path = isFolder ? join(named, backupName(now)) : named;
  const withSecrets = options['with-secrets'] === true;
  try {
    makeFolders(dirname(path), 0o700);
    const { counts, schema } = await makeBackup({
      ocpHome: config.home,
      path,
      version: ocpVersion(packageRoot),
      withSecrets,
      now,
    });
    const rows =
      schema === 0 ? 'no database yet' : `${counts['keys'] ?? 0} keys, ${counts['usage_requests'] ?? 0} requests`;
    io.stdout(`${path}: ${rows}, the configuration${withSecrets ? ', secrets' : '; secrets are left out'}`);
    return 0;
  } catch (error) {
    if (error instanceof BackupError || (error instanceof Error && 'code' in error)) {
      throw new CommandError(`the backup failed: ${error.message.split('\n', 1)[0] ?? ''}`);
    }
    throw error;
  }
}
