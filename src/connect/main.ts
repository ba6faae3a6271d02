import { homedir } from 'node:os';
import { parseArgs } from 'node:util';
import { serverUrl } from './address.ts';
import { launchctl } from './environment/launchctl.ts';
import { ConnectError } from './error.ts';
import { machineOf } from './machine.ts';
import { connectHost, connectOptions, connectSummary } from './options.ts';
import { openTerminal } from './readline-asker.ts';
import { runConnect } from './run.ts';

/**
 * The program for client machines: `ocp connect` in one file, which a server hands out. It stands by itself on Node 20.
 * OCP_CONNECT_VERSION and OCP_CONNECT_SERVER, set by whoever handed it out, are its version and the server where the command
 * line names none.
 */

const { env } = process;
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const version = env['OCP_CONNECT_VERSION'] ?? '';

function helpLines(): readonly string[] {
  const options = Object.entries(connectOptions).map(([name, option]): readonly [string, string] => {
    const short = 'short' in option ? `-${option.short}, ` : '';
    const value = 'value' in option ? ` ${option.value}` : 'choices' in option ? ` ${option.choices.join('|')}` : '';
    return [`${short}--${name}${value}`, option.description];
  });
  const rows = [[`[${connectHost.name}]`, connectHost.description] as const, ...options];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    'Usage: ocp-connect [HOST] [OPTIONS]',
    '',
    `OCP Connect ${version}: ${connectSummary}.`,
    '',
    ...rows.map(([name, description]) => `  ${name.padEnd(width)}  ${description}`),
  ];
}

async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    for (const line of helpLines()) print(line);
    return 0;
  }
  if (argv.includes('--version')) {
    print(version);
    return 0;
  }
  const { values, positionals } = parseArgs({ args: [...argv], options: connectOptions, allowPositionals: true });
  const [host, surplus] = positionals;
  if (surplus !== undefined) throw new ConnectError(`${JSON.stringify(surplus)} is one word too many`);
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  const terminal = values.yes === true ? undefined : openTerminal(stop);
  try {
    return await runConnect(host, values, {
      machine: machineOf(env, process.platform, homedir()),
      version,
      print,
      asker: terminal?.asker,
      launchctl,
      signal: stop.signal,
      local: { url: serverUrl(env['OCP_CONNECT_SERVER'] ?? '127.0.0.1', undefined) },
    });
  } finally {
    terminal?.close();
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
  if (!(error instanceof ConnectError) && !isUsage) throw error;
  process.stderr.write(`ocp-connect: ${error.message.split('\n', 1)[0] ?? ''}\n`);
  process.exitCode = isUsage ? 2 : 1;
}
