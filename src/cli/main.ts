import { dirname, resolve } from 'node:path';
import { existsSync } from 'node:fs';
import type { CommandIo } from './command.ts';
import { commands } from './commands.ts';
import { dispatch } from './dispatch.ts';
import { knownColumns } from './output/width.ts';

/** The program `ocp`: everything that belongs to the process itself. */

const stop = new AbortController();
// SIGHUP keeps its default: a handler would also catch it under nohup, where it is meant to be ignored.
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    // Whoever asks twice does not want to wait for running turns.
    if (stop.signal.aborted) process.exit(1);
    stop.abort(new Error(`stopped by ${name}`));
  });
}

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that has gone (`ocp --help | head -1`) is no fault; the server must outlive its terminal.
    if (error.code !== 'EPIPE') throw error;
  });
}

const io: CommandIo = {
  stdout: (line) => void process.stdout.write(`${line}\n`),
  write: (text) => void process.stdout.write(text),
  stderr: (line) => void process.stderr.write(`${line}\n`),
  get input() {
    return process.stdin;
  },
  signal: stop.signal,
  terminal: process.stdout.isTTY
    ? {
        columns: () => knownColumns(process.stdout.columns),
        colours: process.stdout.hasColors() && (process.env['NO_COLOR'] ?? '') === '',
        interactive: process.stdin.isTTY,
      }
    : undefined,
};

const packageRoot = findPackageRoot(import.meta.dirname);
// The launcher meant it for this process alone.
if (process.env['NODE_COMPILE_CACHE'] === resolve(packageRoot, 'node_modules/.cache/ocp')) {
  delete process.env['NODE_COMPILE_CACHE'];
}
process.exitCode = await dispatch(process.argv.slice(2), commands, { env: process.env, packageRoot, io });

/** The nearest folder above with a package.json: this file lies at another depth once it is built. */
function findPackageRoot(folder: string): string {
  if (existsSync(resolve(folder, 'package.json')) || dirname(folder) === folder) return folder;
  return findPackageRoot(dirname(folder));
}
