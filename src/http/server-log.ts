import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { Log } from './log.ts';
import { createLog } from './log.ts';
import type { LogFile } from './log-file.ts';
import { openLogFile } from './log-file.ts';
import { LogRing } from './log-ring.ts';
import { redactor } from './redact.ts';

/** Bytes of one file of the log. */
const FILE_BYTES = 10_485_760;
/** Files that are put aside before the oldest goes. */
const FILES_KEPT = 4;

/** The log of the server: to the operator's terminal or service, to `logs/` in OCP's home, and to `GET /logs`. */
export interface ServerLog {
  readonly log: Log;
  readonly ring: LogRing;
  /** Writes what waits. */
  close(): void;
}

/** Opens the log. Where its file cannot be written, OCP runs without it and says so. */
export function openServerLog(
  config: Pick<Config, 'home' | 'adminKey' | 'sharedKey' | 'anonymousKey'>,
  stderr: (line: string) => void,
): ServerLog {
  const hide = redactor([config.adminKey, config.sharedKey, config.anonymousKey]);
  const ring = new LogRing();
  let file: LogFile | undefined;
  const log = createLog((raw) => {
    const line = hide(raw);
    stderr(line);
    ring.add(line);
    file?.write(line);
  });
  try {
    file = openLogFile({ folder: join(config.home, 'logs'), maxBytes: FILE_BYTES, kept: FILES_KEPT });
    for (const line of file.tail) ring.add(line);
  } catch (error) {
    log.warn({ err: error }, 'log_file_unavailable');
  }
  return { log, ring, close: () => file?.close() };
}
