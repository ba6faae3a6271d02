import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import type { Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import type { Script } from './rules/rule.ts';
import { parseScript } from './rules/file.ts';
import type { SimulatorOptions } from './server.ts';
import { startSimulator } from './server.ts';

export interface SimulateIo {
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Aborted = stop. */
  readonly signal: AbortSignal;
}

const usage = `Usage: ocp simulate [--port N] [--host 127.0.0.1] [--delay-first MS] [--delay-token MS] [--rules FILE.json]

Simulates the Anthropic Messages API on this machine, for trying things out without a login, a bill or the internet.
`;

const loopbackNames: readonly string[] = ['127.0.0.1', 'localhost'];

/**
 * Runs the simulator until the signal is aborted. Exit status: 0 stopped, 1 the port or the rules cannot be used,
 * 2 wrong arguments.
 */
export async function runSimulate(argv: readonly string[], io: SimulateIo): Promise<number> {
  let options: SimulatorOptions;
  let rulesFile: string | undefined;
  try {
    const { values } = parseArgs({ args: [...argv], options: flags, allowPositionals: false });
    if (values.help === true) {
      io.stdout.write(usage);
      return 0;
    }
    options = readOptions(values);
    rulesFile = values.rules;
  } catch (error) {
    io.stderr.write(`ocp simulate: ${messageOf(error)}\n`);
    return 2;
  }
  try {
    const script = rulesFile === undefined ? [] : await readScript(rulesFile);
    await using simulator = await startSimulator({ ...options, script });
    io.stdout.write(greeting(simulator.url));
    if (!io.signal.aborted) await once(io.signal, 'abort');
    return 0;
  } catch (error) {
    io.stderr.write(`ocp simulate: ${messageOf(error)}\n`);
    return 1;
  }
}

async function readScript(file: string): Promise<Script> {
  const json = await readFile(file, 'utf8');
  try {
    return parseScript(json);
  } catch (error) {
    throw new SyntaxError(`${file}: ${messageOf(error)}`, { cause: error });
  }
}

/** Runs as a program of its own: stops on SIGINT and SIGTERM. Resolves to the exit status. */
export async function main(argv: readonly string[]): Promise<number> {
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  process.once('SIGINT', abort);
  process.once('SIGTERM', abort);
  try {
    return await runSimulate(argv, { stdout: process.stdout, stderr: process.stderr, signal: stop.signal });
  } finally {
    process.off('SIGINT', abort);
    process.off('SIGTERM', abort);
  }
}

const flags = {
  port: { type: 'string' },
  host: { type: 'string' },
  'delay-first': { type: 'string' },
  'delay-token': { type: 'string' },
  rules: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Values = { readonly [K in Exclude<keyof typeof flags, 'help'>]?: string };

function readOptions(values: Values): SimulatorOptions {
  if (values.host !== undefined && !loopbackNames.includes(values.host)) {
    throw new RangeError(
      `--host must be 127.0.0.1 or localhost, not ${values.host}: the simulator stays on this machine`,
    );
  }
  return {
    port: wholeNumber('--port', values.port, 65_535),
    firstTokenDelayMs: wholeNumber('--delay-first', values['delay-first'], 3_600_000),
    tokenDelayMs: wholeNumber('--delay-token', values['delay-token'], 3_600_000),
  };
}

function wholeNumber(flag: string, text: string | undefined, most: number): number {
  if (text === undefined) return 0;
  if (!/^\d+$/.test(text) || Number(text) > most) {
    throw new RangeError(`${flag} must be a whole number from 0 to ${most}, not ${text}`);
  }
  return Number(text);
}

function greeting(url: string): string {
  return `The simulator of the Anthropic Messages API listens on ${url}
Point the Claude CLI at it:
  ANTHROPIC_BASE_URL=${url} ANTHROPIC_API_KEY=sk-ant-simulated claude -p 'hello'
A prompt can steer the answer: [[text:…]] [[tool:NAME {"a":1}]] [[thinking:…]] [[error:529]] [[stop:refusal]]
`;
}

/** One line: the first one. */
function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
