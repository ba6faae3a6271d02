import type { Asker } from './asker.ts';
import { presets } from './asker.ts';
import { serverUrl } from './address.ts';
import type { FileOutcome } from './carry-out.ts';
import { connect } from './connect.ts';
import type { Launchctl } from './environment/launchctl.ts';
import { ConnectError } from './error.ts';
import type { Machine } from './machine.ts';
import type { Api } from './api.ts';
import { apis } from './api.ts';
import type { ConnectRequest, ConnectTools } from './request.ts';
import { undoneLine } from './show.ts';
import { undoConnect } from './undo.ts';
import { checkOnly } from './choose.ts';

/** The options of a command line, as `connectOptions` defines them. */
export interface ConnectValues {
  readonly port?: string;
  readonly key?: string;
  readonly yes?: boolean;
  readonly list?: boolean;
  readonly 'dry-run'?: boolean;
  readonly only?: string;
  readonly api?: string;
  readonly backup?: boolean;
  readonly 'anthropic-env'?: boolean;
  readonly undo?: boolean;
  readonly verify?: boolean;
  readonly json?: boolean;
}

/** What a program brings along to run `ocp connect`. */
export interface ConnectProgram {
  readonly machine: Machine;
  readonly version: string;
  readonly print: (line: string) => void;
  /** Undefined where nobody can be asked. */
  readonly asker: Asker | undefined;
  readonly launchctl: Launchctl;
  readonly signal: AbortSignal;
  /** The server where the command line names none. */
  readonly local: { readonly url: string; readonly key?: string | undefined };
}

/** Does what a command line asks for and gives the exit status: 0 done, 1 not. Raises ConnectError for what the user has to mend. */
export async function runConnect(
  host: string | undefined,
  values: ConnectValues,
  program: ConnectProgram,
): Promise<number> {
  const only = values.only?.split(',').map((id) => id.trim());
  if (values.undo === true) return undo(only, values, program);
  const request = readRequest(host, values, only, program);
  const isQuiet = values.json === true;
  const asks = request.mode === 'connect' && values.yes !== true;
  if (asks && isQuiet) throw new ConnectError('--json asks nothing: give --yes, --list, --dry-run or --undo with it');
  if (asks && program.asker === undefined) {
    throw new ConnectError('Nobody can be asked here: --yes takes every default, --list shows what would be done');
  }
  const tools: ConnectTools = {
    machine: program.machine,
    version: program.version,
    say: isQuiet ? () => {} : program.print,
    asker: asks && program.asker !== undefined ? program.asker : presets,
    launchctl: program.launchctl,
    signal: program.signal,
  };
  const result = await connect(request, tools);
  if (isQuiet) program.print(JSON.stringify(result, undefined, 2));
  const hasLeft = request.mode === 'connect' && result.clients.some(({ files }) => files.some(isLeft));
  return hasLeft || (request.verify && result.verified.some(({ ok }) => !ok)) ? 1 : 0;
}

function isLeft({ outcome }: FileOutcome): boolean {
  return outcome === 'left';
}

function readRequest(
  host: string | undefined,
  values: ConnectValues,
  only: readonly string[] | undefined,
  { local, machine }: ConnectProgram,
): ConnectRequest {
  const port = values.port === undefined ? undefined : readPort(values.port);
  const given = values.key ?? (machine.env['OCP_KEY'] === '' ? undefined : machine.env['OCP_KEY']);
  const own = port === undefined ? () => local.url : () => serverUrl(local.url, port);
  return {
    url: host === undefined ? own() : serverUrl(host, port),
    key: given ?? (host === undefined ? local.key : undefined),
    only,
    api: readApi(values.api),
    isBackup: values.backup === true,
    anthropicEnv: values['anthropic-env'] === true,
    mode: values.list === true ? 'list' : values['dry-run'] === true ? 'dry-run' : 'connect',
    verify: values.verify === true,
  };
}

function readApi(text: string | undefined): Api | undefined {
  const api = apis.find((name) => name === text);
  if (api !== undefined || text === undefined) return api;
  throw new ConnectError(`--api is ${JSON.stringify(text)}, but must be one of ${apis.join(', ')}`);
}

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/u.test(text) && port >= 1 && port <= 65_535) return port;
  throw new ConnectError(`${JSON.stringify(text)} is no port: a number from 1 to 65535`);
}

function undo(only: readonly string[] | undefined, { json }: ConnectValues, program: ConnectProgram): number {
  const { machine, print, launchctl } = program;
  checkOnly(only);
  const undone = undoConnect(machine, only, launchctl);
  if (json === true) print(JSON.stringify(undone, undefined, 2));
  else {
    for (const file of undone.files) print(undoneLine(machine, file));
    if (undone.launchctl.length > 0) print(`✓ launchctl no longer sets ${undone.launchctl.join(', ')}`);
    if (undone.files.length + undone.launchctl.length === 0) print('There is nothing to undo.');
    else print('Shells and tools that are running keep what they have read until you restart them.');
  }
  return undone.files.some(({ outcome }) => outcome === 'left') ? 1 : 0;
}
