/** What can keep a database from being used. */
export type StorageTrouble = 'locked' | 'full' | 'read_only' | 'damaged' | 'unreachable' | 'replaced' | 'failed';

/** SQLite's primary result codes. Contract: https://www.sqlite.org/rescode.html */
const CODES: Readonly<Record<number, StorageTrouble>> = {
  5: 'locked',
  6: 'locked',
  8: 'read_only',
  10: 'unreachable',
  11: 'damaged',
  13: 'full',
  14: 'unreachable',
  26: 'damaged',
};

/** The same for people. */
export const storageTroubles: Readonly<Record<StorageTrouble, string>> = {
  locked: 'another program has locked it',
  full: 'the disk is full',
  read_only: 'it cannot be written to',
  damaged: 'its file is damaged',
  unreachable: 'its file cannot be read or written',
  replaced: 'its file was deleted or replaced while OCP runs, so what OCP writes now is lost when it ends; restart OCP',
  failed: 'SQLite failed on it',
};

/** After how many seconds it is worth trying again. */
export const storageRetrySeconds: Readonly<Record<StorageTrouble, number>> = {
  locked: 5,
  full: 30,
  read_only: 30,
  damaged: 300,
  unreachable: 30,
  replaced: 30,
  failed: 30,
};

/** What an error of the database means; undefined for what is no such error, or a fault of the statement itself. */
export function storageTroubleOf(error: unknown): StorageTrouble | undefined {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'ERR_SQLITE_ERROR') return undefined;
  const code = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode % 256 : 0;
  // 1 is a statement that makes no sense, 19 a constraint that it breaks, 20 and 21 a misuse: faults of OCP.
  return CODES[code] ?? ([1, 19, 20, 21].includes(code) ? undefined : 'failed');
}
