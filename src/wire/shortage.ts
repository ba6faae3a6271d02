/** What a machine can lack for a while, as people say it. */
export type Shortage =
  | 'open files'
  | 'processes or memory'
  | 'memory'
  | 'disk space'
  | 'a disk that can be written to'
  | 'a folder for temporary files';

/** The system's error codes that mean so. `EAGAIN` is one only where a process was to be started. */
const CODES: Readonly<Record<string, Shortage>> = {
  EMFILE: 'open files',
  ENFILE: 'open files',
  ENOMEM: 'memory',
  ENOBUFS: 'memory',
  ENOSPC: 'disk space',
  EDQUOT: 'disk space',
  EROFS: 'a disk that can be written to',
};

/** What the machine lacked when this error of the system was raised; undefined when it is about something else. */
export function shortageOf(error: unknown): Shortage | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  const call = 'syscall' in error && typeof error.syscall === 'string' ? error.syscall : '';
  if (error.code === 'EAGAIN') return call.startsWith('spawn') ? 'processes or memory' : undefined;
  return CODES[error.code];
}
