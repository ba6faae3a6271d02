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

export interface OneShot {
  readonly binary: string;
  readonly env: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly model: string;
  readonly system: string;
  readonly prompt: string;
}

/**
 * One request as other bridges serve it: a process of the CLI from its start to its end, the prompt as one text. It gets
 * the switches and flags that OCP's own workers get, so that the comparison is between starting late and starting ahead.
 * Resolves with the time to the first piece of text and to the end of the process, ns. Rejects when no text came.
 */
export async function runOneShot(options: OneShot): Promise<{ readonly firstText: bigint; readonly whole: bigint }> {
  const startedAt = hrtime.bigint();
  const args = [
    '-p',
    '--output-format=stream-json',
    '--verbose',
    '--include-partial-messages',
    '--no-session-persistence',
    '--strict-mcp-config',
    '--setting-sources=',
    '--tools=',
    `--model=${options.model}`,
    `--system-prompt=${options.system}`,
  ];
  const child = spawn(options.binary, args, {
    cwd: options.workingDirectory,
    env: { ...options.env, ...workerSwitches },
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
