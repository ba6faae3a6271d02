import { appendFileSync, chmodSync, existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolders } from '../config/folder.ts';

/** Lines are written together, at most this long after they came, ms. */
const WRITE_AFTER_MS = 250;
/** Bytes that may wait while the disk is slow; what comes beyond is left out of the file. */
const MOST_WAITING = 4_194_304;

export interface LogFileOptions {
  /** Folder of the logs; created, for its owner alone. */
  readonly folder: string;
  /** Bytes after which a file is put aside. */
  readonly maxBytes: number;
  /** How many files are put aside before the oldest goes. */
  readonly kept: number;
}

/** The log on disk: `ocp.log`, and older ones as `ocp.log.1` and so on. A disk that fails never fails a request. */
export interface LogFile {
  write(line: string): void;
  /** The last lines of `ocp.log` as it was at the start, oldest first. */
  readonly tail: readonly string[];
  /** Writes what waits. */
  close(): void;
}

/** Lines of an earlier run that are read at the start. */
const TAIL_LINES = 1000;

export function openLogFile({ folder, maxBytes, kept }: LogFileOptions): LogFile {
  makeFolders(folder, 0o700);
  const path = join(folder, 'ocp.log');
  const tail = existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean).slice(-TAIL_LINES) : [];
  appendFileSync(path, '', { mode: 0o600 });
  chmodSync(path, 0o600);
  let size = statSync(path).size;
  let waiting = '';
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  const rotate = (): void => {
    if (size < maxBytes) return;
    for (let number = kept; number >= 1; number -= 1) {
      const from = number === 1 ? path : `${path}.${number - 1}`;
      if (existsSync(from)) renameSync(from, `${path}.${number}`);
    }
    if (kept === 0) rmSync(path, { force: true });
    size = 0;
  };
  const take = (): string => {
    const text = waiting;
    waiting = '';
    timer = undefined;
    rotate();
    size += Buffer.byteLength(text);
    return text;
  };
  const flush = async (): Promise<void> => {
    try {
      const text = take();
      await appendFile(path, text, { mode: 0o600 });
    } catch {
      // There is nowhere left to say that the log cannot be written.
    }
  };
  return {
    tail,
    write(line) {
      if (waiting.length < MOST_WAITING) waiting += `${line}\n`;
      timer ??= setTimeout(() => {
        writing = writing.then(flush);
      }, WRITE_AFTER_MS).unref();
    },
    close() {
      clearTimeout(timer);
      try {
        appendFileSync(path, take(), { mode: 0o600 });
      } catch {
        // As above.
      }
    },
  };
}
