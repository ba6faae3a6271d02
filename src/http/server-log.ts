import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { secretKeys } from '../config/config.ts';
import type { Log } from './log.ts';
import { createLog } from './log.ts';
import type { LogFile } from './log-file.ts';
import { openLogFile } from './log-file.ts';
import { LogRing } from './log-ring.ts';
import { Redactor } from './redact.ts';

/** Bytes of one file of the log. */
const FILE_BYTES = 10_485_760;
/** Files that are put aside before the oldest goes. */
const FILES_KEPT = 4;

/** The log of the server: to the operator's terminal or service, to `logs/` in OCP's home, and to `GET /logs`. */
export interface ServerLog {
  readonly log: Log;
  readonly ring: LogRing;
  /** Is told of secrets that come up later. */
  readonly redactor: Redactor;
  /** Writes what waits. */
  close(): void;
}

/** Opens the log. Where its file cannot be written, OCP runs without it and says so. */
export function openServerLog(
  config: Pick<Config, 'home'> & Partial<Config>,
  env: Readonly<Record<string, string | undefined>>,
  stderr: (line: string) => void,
): ServerLog {
  const redactor = new Redactor(secretKeys.map((key) => config[key]));
  redactor.addEnvironment(env);
  const ring = new LogRing();
  let file: LogFile | undefined;
  const log = createLog((raw) => {
    const line = redactor.hide(raw);
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
  return { log, ring, redactor, close: () => file?.close() };
}
