import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { hrtime } from 'node:process';
import { createInterface } from 'node:readline';
import { findClaude } from '../../src/claude/binary.ts';
import { workerSwitches } from '../../src/claude/arguments.ts';

/** The CLI that the packages of this project bring. Raises Error when it is not installed. */
export async function installedClaude(): Promise<string> {
  const packageRoot = join(import.meta.dirname, '..', '..');
  const found = await findClaude({ claudeBin: undefined, path: undefined, packageRoot });
  if (found === undefined) throw new Error('the Claude CLI is not installed; run npm ci');
  return found.path;
}

/**
 * How a one-shot process is started. `usual`: as other bridges do, with the flags that a stream needs and no built-in tools.
 * `lean`: with every flag and switch that OCP gives to its own workers, which leaves the late start as the only difference.
 */
export type OneShotKind = 'usual' | 'lean';

export interface OneShot {
  readonly kind: OneShotKind;
  readonly binary: string;
  readonly env: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly model: string;
  readonly system: string;
  readonly prompt: string;
}

const usualArguments = [
  '-p',
  '--output-format=stream-json',
  '--verbose',
  '--include-partial-messages',
  '--no-session-persistence',
  '--tools=',
];
const leanArguments = ['--strict-mcp-config', '--setting-sources='];
/** Keeps a process that is only measured from looking for updates and sending statistics. */
const quietSwitches = { DISABLE_AUTOUPDATER: '1', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' };

/**
 * One request as other bridges serve it: a process of the CLI from its start to its end, the prompt as one text. Resolves
 * with the time to the first piece of text and to the end of the process, ns. Rejects when no text came.
 */
export async function runOneShot(options: OneShot): Promise<{ readonly firstText: bigint; readonly whole: bigint }> {
  const startedAt = hrtime.bigint();
  const args = [
    ...usualArguments,
    ...(options.kind === 'lean' ? leanArguments : []),
    `--model=${options.model}`,
    `--system-prompt=${options.system}`,
  ];
  const child = spawn(options.binary, args, {
    cwd: options.workingDirectory,
    env: { ...options.env, ...(options.kind === 'lean' ? workerSwitches : quietSwitches) },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.on('error', () => {});
  child.stdin.end(options.prompt);
  let firstAt: bigint | undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (firstAt === undefined && line.includes('"content_block_delta"')) firstAt = hrtime.bigint();
  });
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve());
  });
  if (firstAt === undefined) throw new Error('a one-shot process of the CLI gave no answer');
  return { firstText: firstAt - startedAt, whole: hrtime.bigint() - startedAt };
}
