import { command } from '../command.ts';

/** `ocp backup`. */
export const backupCommand = command({
  summary: 'save the database and the configuration in one file, also while the server runs',
  description: [
    'The file holds keys (as digests: they go on working), limits, usage, the audit log, kept responses and answers, config.json ' +
      'and the names of profiles, and is readable by you alone. Secrets are left out: the admin key, keys and tokens in ' +
      'config.json, and what ocp login has stored. --with-secrets adds them; keep such a file like a password. The CLI’s own ' +
      'login is never in it.',
    'OCP_BACKUP_EVERY has the server make backups by itself.',
  ],
  arguments: [{ name: 'FILE', description: 'the file, or a folder for it (the backup folder)', optional: true }],
  options: { 'with-secrets': { type: 'boolean', description: 'put secrets in, too' } },
  examples: [
    { line: 'ocp backup', does: 'makes one in ~/.ocp/backups' },
    { line: 'ocp backup /mnt/usb --with-secrets', does: 'makes one from which everything can be restored' },
  ],
  run: async ({ options, words: [to] }, context) => (await import('./backup.ts')).backup(to, options, context),
});

/** `ocp restore`. */
export const restoreCommand = command({
  summary: 'make OCP’s home of a backup; the home before is kept beside it',
  description: [
    'Checks the whole file first. Refuses while the server runs, and with a home that is not empty unless --force is given: ' +
      'then that home is put aside, not removed. Says what has to be entered again.',
  ],
  arguments: [{ name: 'FILE', description: 'what ocp backup made' }],
  options: { force: { type: 'boolean', description: 'put a home that is not empty aside' } },
  run: async ({ options, words: [from = ''] }, context) =>
    (await import('./restore.ts')).restore(from, options, context),
});
