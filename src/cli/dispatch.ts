import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../config/error.ts';
import { closest } from '../config/closest.ts';
import type { Command, CommandContext } from './command.ts';
import { CommandError, UsageError, commandBelow } from './command.ts';
import { helpLines, helpWidth, overviewLines } from './help.ts';

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
    for (const line of overviewLines(commands, helpWidth(context.io.terminal?.columns()))) context.io.stdout(line);
    return 0;
  }
  if (first === '--version' || first === '-v') {
    context.io.stdout(ocpVersion(context.packageRoot));
    return 0;
  }
  const found = find([first, ...rest], commands);
  if (found === undefined) {
    const kind = first.startsWith('-') ? 'option' : 'command';
    const meant = closest(first, Object.keys(commands));
    const hint = meant === undefined ? 'ocp --help lists what there is' : `did you mean ocp ${meant}?`;
    context.io.stderr(`ocp: there is no ${kind} ${JSON.stringify(first)}; ${hint}`);
    return unusable;
  }
  const { name, command, argv: words } = found;
  if (asksForHelp(words)) {
    for (const line of helpLines(name, command, helpWidth(context.io.terminal?.columns()))) context.io.stdout(line);
    return 0;
  }
  try {
    return await command.run(words, context);
  } catch (error) {
    return report(error, name, context);
  }
}

interface Found {
  /** The words that name it, with blanks. */
  readonly name: string;
  readonly command: Command;
  readonly argv: readonly string[];
}

/** The command that the words name, as deep as they go. */
function find(
  [first = '', ...rest]: readonly string[],
  commands: Readonly<Record<string, Command>>,
): Found | undefined {
  const command = Object.hasOwn(commands, first) ? commands[first] : undefined;
  if (command === undefined) return undefined;
  const below = commandBelow(command, rest);
  const found = below === undefined ? undefined : find([below.name, ...below.argv], command.subcommands);
  return found === undefined ? { name: first, command, argv: rest } : { ...found, name: `${first} ${found.name}` };
}

/** Whether help is asked for; what follows `--` are plain words. */
function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).some((word) => word === '--help' || word === '-h');
}

/** OCP's own version, from its package.json. */
export function ocpVersion(packageRoot: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
  const version = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : '';
  if (typeof version === 'string' && version !== '') return version;
  throw new Error(`${packageRoot}/package.json names no version`);
}

function report(error: unknown, name: string, { io }: CommandContext): number {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (error instanceof UsageError || code?.startsWith('ERR_PARSE_ARGS_') === true) {
    io.stderr(`ocp: ${firstLine(error)}; ocp ${name} --help says more`);
    return unusable;
  }
  if (error instanceof ConfigError) {
    io.stderr(`ocp: ${firstLine(error)}`);
    return unusable;
  }
  if (error instanceof CommandError) {
    io.stderr(`ocp: ${firstLine(error)}`);
    return 1;
  }
  // Told to stop: not a failure that anybody needs explained.
  if (io.signal.aborted && error === io.signal.reason) return 1;
  // The system's own errors explain themselves; anything else is a fault of OCP that somebody has to find.
  io.stderr(`ocp: ${code === undefined && error instanceof Error ? (error.stack ?? error.message) : firstLine(error)}`);
  return 1;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
