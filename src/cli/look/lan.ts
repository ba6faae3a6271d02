import { networkInterfaces } from 'node:os';
import type { CommandContext } from '../command.ts';
import { CommandError } from '../command.ts';
import type { Field } from '../output/fields.ts';
import { printFields } from '../output/fields.ts';
import { printJson } from '../output/json.ts';
import { qrLines } from '../output/qr-code.ts';
import { painter } from '../output/paint.ts';
import type { AskValues } from '../remote/options.ts';
import type { Remote } from '../remote/server.ts';
import { remoteAt, remoteServer } from '../remote/server.ts';
import type { LanAddress } from './addresses.ts';
import { lanAddresses, urlHost } from './addresses.ts';
import { healthAnswer } from './health.ts';

/** How long an address of this machine may take to answer, ms. */
const ADDRESS_MS = 3000;

/** What `ocp lan` found out. */
interface Lan {
  readonly addresses: readonly (LanAddress & { readonly url: string; readonly reachable: boolean })[];
  readonly authMode: string;
  /** The public key, where the operator made one. */
  readonly anonymousKey: string | null;
  readonly reachable: boolean;
  /** Where others find the server, by the likeliest address. */
  readonly url: string;
  readonly dashboard: string;
  /** The command for other machines. */
  readonly connect: string;
}

/** `ocp lan`: how other machines reach this server. */
export async function showLan(
  options: AskValues & { readonly qr?: boolean; readonly 'no-qr'?: boolean },
  context: CommandContext,
): Promise<number> {
  const { io } = context;
  const remote = remoteServer(options, context);
  const lan = await look(remote, context);
  if (options.json === true) printJson(io, lan);
  else {
    print(lan, remote, context);
    const isWanted = options['no-qr'] !== true && (options.qr === true || io.terminal !== undefined);
    if (lan.reachable && isWanted) printQr(lan.dashboard, context);
  }
  return lan.reachable ? 0 : 1;
}

async function look(remote: Remote, { io }: CommandContext): Promise<Lan> {
  const { data: health } = await remote.ask('/health', healthAnswer);
  const addresses = remote.isOwn
    ? await Promise.all(lanAddresses(networkInterfaces()).map(async (address) => tried(address, remote, io)))
    : [];
  const best = addresses.find(({ reachable }) => reachable) ?? addresses[0];
  const isElsewhere = !remote.isOwn;
  const url = isElsewhere ? remote.url : (best?.url ?? remote.url);
  const anonymousKey = health.anonymousKey ?? null;
  const needsKey = health.authMode !== 'none' && anonymousKey === null;
  return {
    addresses,
    authMode: health.authMode,
    anonymousKey,
    reachable: isElsewhere || addresses.some(({ reachable }) => reachable),
    url,
    dashboard: `${url}/dashboard`,
    connect: `curl -fsSL ${url}/connect | sh${needsKey ? ' -s -- --key KEY' : ''}`,
  };
}

/** Asks the server by this address, as another machine would. */
async function tried(address: LanAddress, remote: Remote, io: CommandContext['io']) {
  const url = `http://${urlHost(address)}:${remote.port}`;
  // Nobody may be there, or somebody else: no key.
  const there = remoteAt({ ...remote, url, key: undefined, isOwn: false }, { ...io, terminal: undefined });
  const reachable = await there.ask('/health', healthAnswer, { timeoutMs: ADDRESS_MS }).then(
    () => true,
    (error: unknown) => {
      if (error instanceof CommandError) return false;
      throw error;
    },
  );
  return { ...address, url, reachable };
}

function print(lan: Lan, remote: Remote, { io }: CommandContext): void {
  const paint = painter(io);
  const { url, addresses, authMode, anonymousKey } = lan;
  printFields(io, [
    ...addresses.map(({ address, name, reachable }): Field => [
      'Address',
      reachable
        ? `${address} (${name})`
        : { text: `${address} (${name}): the server does not listen there`, style: 'dim' },
    ]),
    ['OpenAI base URL', lan.reachable ? `${url}/v1` : undefined],
    ['Anthropic base URL', lan.reachable ? url : undefined],
    ['Dashboard', lan.reachable ? lan.dashboard : undefined],
    ['Auth mode', authMode],
    ['Public key', anonymousKey ?? undefined],
  ]);
  io.stdout('');
  if (!lan.reachable) {
    const why =
      addresses.length === 0 ? 'this machine has no address in a network' : `it listens on ${hostOf(remote)} alone`;
    io.stdout(`${paint('red', '✗')} Other machines cannot reach it: ${why}.`);
    io.stdout('  To open it, with a key for each person: ocp setup --bind 0.0.0.0 --auth-mode multi');
    return;
  }
  io.stdout(`${paint('green', '✓')} Other machines can reach it, if no firewall is in between.`);
  if (authMode === 'none') {
    io.stdout(`${paint('yellow', '!')} Whoever reaches it can use your Claude login: the auth mode is none.`);
  }
  io.stdout('');
  io.stdout('On the other machine:');
  io.stdout('');
  io.stdout(`  ${paint('bold', lan.connect)}`);
  io.stdout('');
  io.stdout(`or, where OCP is installed: ocp connect ${url.replace(/^https?:\/\//u, '')}`);
  if (authMode === 'multi' && anonymousKey === null) io.stdout('A key for it: ocp keys add NAME');
  if (authMode === 'shared') io.stdout('Its key is the shared one (PROXY_API_KEY).');
}

function printQr(dashboard: string, { io }: CommandContext): void {
  const lines = qrLines(dashboard, io.terminal);
  if (lines === undefined) return;
  io.stdout('');
  for (const line of lines) io.stdout(line);
  io.stdout(`The dashboard: ${dashboard}`);
}

function hostOf({ url }: Remote): string {
  return new URL(url).hostname;
}
