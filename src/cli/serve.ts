import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { capabilityWarnings } from '../claude/capabilities.ts';
import { readConfiguration } from '../config/configuration.ts';
import { removeServerRecord, writeServerRecord } from '../config/server-record.ts';
import { openClawFiles } from '../connect/openclaw-files.ts';
import { runProgram } from '../host/run.ts';
import { serviceNotifier } from '../host/service/notify.ts';
import type { CommandContext, CommandIo } from './command.ts';
import { startServer } from '../http/serve.ts';
import { startMessage } from './start-message.ts';

/** `ocp serve`: the server, in the foreground. */
export async function serve(
  options: { readonly quiet?: boolean; readonly 'until-input-ends'?: boolean },
  { env: given, packageRoot, io }: CommandContext,
): Promise<number> {
  const { config, env } = readConfiguration(given);
  const signal = options['until-input-ends'] === true ? untilInputEnds(io) : io.signal;
  const stderr = options.quiet === true ? withoutInfo(io.stderr) : io.stderr;
  const server = await startServer({ config, env, packageRoot, io: { stdout: io.stdout, stderr, signal } }).catch(
    async (error: unknown) => {
      // Told to stop before it had started.
      if (signal.aborted && error === signal.reason) return undefined;
      const { listenProblem } = await import('./listen-problem.ts');
      throw await listenProblem(error, config, { platform: process.platform, run: runProgram, env: given });
    },
  );
  if (server === undefined) return 0;
  recordServer(config.home, server.started);
  const backups =
    config.backupEvery === undefined
      ? undefined
      : (await import('../backup/schedule.ts')).startBackups({
          ocpHome: config.home,
          folder: config.backupDir ?? join(config.home, 'backups'),
          version: server.started.version,
          everyMs: config.backupEvery,
          keep: config.backupKeep,
          now: Date.now,
          onFailure: (problem) => io.stderr(`ocp: the backup failed: ${problem}`),
        });
  const notifier = serviceNotifier(given, runProgram);
  await notifier.ready(`listening on port ${server.started.port}`);
  const problem = await server.problem();
  const { cliVersion } = server.started;
  const lacks = cliVersion === undefined || problem !== undefined ? [] : capabilityWarnings(cliVersion);
  const warnings = [...config.warnings, ...lacks, ...(await openClawWarnings(given, packageRoot))];
  const state = { ...server.started, problem, authMode: config.authMode, warnings };
  for (const line of startMessage(state)) {
    io.stdout(line);
  }
  if (!signal.aborted) await once(signal, 'abort');
  backups?.stop();
  await Promise.all([notifier.stopping(), server.stop()]);
  removeServerRecord(config.home, process.pid);
  // An input that is still open would keep the process from ending.
  if (options['until-input-ends'] === true) io.input?.pause();
  return 0;
}

/** Most machines have no OpenClaw, and what compares its models with ours takes long to load. */
async function openClawWarnings(env: CommandContext['env'], packageRoot: string): Promise<readonly string[]> {
  const { config } = openClawFiles({ env, home: env['HOME'] ?? homedir() });
  return existsSync(config) ? (await import('./sync.ts')).openClawWarnings(env, packageRoot) : [];
}

/** For commands that find config.json broken. A disk that is full keeps no server from running. */
function recordServer(home: string, { address, port }: { readonly address: string; readonly port: number }): void {
  try {
    writeServerRecord(home, { address, port, pid: process.pid });
  } catch {
    // They say what is wrong with the file then, and ask the usual address.
  }
}

/** Also aborted when the standard input ends: whoever started this is gone, or wants it to stop. */
function untilInputEnds({ input, signal }: CommandIo): AbortSignal {
  const ended = new AbortController();
  input?.once('close', () => ended.abort(new Error('the standard input has ended')));
  input?.once('end', () => ended.abort(new Error('the standard input has ended')));
  input?.resume();
  return AbortSignal.any([signal, ended.signal]);
}

/** Leaves out what the log tells besides warnings and errors. */
function withoutInfo(write: (line: string) => void): (line: string) => void {
  return (line) => {
    if (!line.startsWith('{"level":"info"')) write(line);
  };
}
