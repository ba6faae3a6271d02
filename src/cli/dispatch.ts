import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ConfigError } from '../config/error.ts';
import type { Command, CommandContext } from './command.ts';

/** Exit status of a command line or a configuration that cannot be used. */
const unusable = 2;

/**
 * Runs what a command line asks for and gives the exit status: 0 done, 1 failed, 2 a wrong command line or configuration.
 * `commands` are shown by `--help` in their order.
 */
export async function dispatch(
  argv: readonly string[],
  commands: Readonly<Record<string, Command>>,
  context: CommandContext,
): Promise<number> {
  const [first = '--help', ...rest] = argv;
  if (first === '--help' || first === '-h' || first === 'help') {
    for (const line of helpLines(commands)) context.io.stdout(line);
    return 0;
  }
  if (first === '--version' || first === '-v') {
    context.io.stdout(ocpVersion(context.packageRoot));
    return 0;
  }
  const command = Object.hasOwn(commands, first) ? commands[first] : undefined;
  if (command === undefined) {
    const kind = first.startsWith('-') ? 'option' : 'command';
    context.io.stderr(`ocp: there is no ${kind} ${JSON.stringify(first)}; ocp --help lists what there is`);
    return unusable;
  }
  try {
    return await command.run(rest, context);
  } catch (error) {
    return report(error, context);
  }
}

/** OCP's own version, from its package.json. */
export function ocpVersion(packageRoot: string): string {
  const text = readFileSync(join(packageRoot, 'package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

function helpLines(commands: Readonly<Record<string, Command>>): string[] {
  const names = Object.keys(commands);
  const width = Math.max(...names.map((name) => name.length)) + 2;
  return [
    'OCP lets every tool that speaks OpenAI or Anthropic use Claude through the Claude CLI on this machine.',
    '',
    'Usage: ocp <command> [options]',
    '',
    ...names.map((name) => `  ${name.padEnd(width)}${commands[name]?.summary ?? ''}`),
    '',
    '  --help     this list; after a command, its own',
    '  --version  the version of OCP',
  ];
}

function report(error: unknown, { io }: CommandContext): number {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (error instanceof ConfigError || code?.startsWith('ERR_PARSE_ARGS_') === true) {
    io.stderr(`ocp: ${firstLine(error)}`);
    return unusable;
  }
  // The system's own errors explain themselves; anything else is a fault of OCP that somebody has to find.
  io.stderr(`ocp: ${code === undefined && error instanceof Error ? (error.stack ?? error.message) : firstLine(error)}`);
  return 1;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
