import type { ClientOutcome, FileOutcome } from './carry-out.ts';
import { carryOut } from './carry-out.ts';
import type { Chosen, FoundClients } from './choose.ts';
import { checkOnly, chooseClient, findClients, presetWishes } from './choose.ts';
import { setForSession } from './environment/launchctl.ts';
import { reloadCommand, shellChanges, shellClient } from './environment/shells.ts';
import type { Variable } from './environment/variables.ts';
import { variablesFor } from './environment/variables.ts';
import { openJournal } from './files/journal.ts';
import type { FoundServer } from './find-server.ts';
import { findServer } from './find-server.ts';
import type { Api } from './api.ts';
import { prepareClient, prepareShells } from './prepare.ts';
import type { ConnectRequest, ConnectTools } from './request.ts';
import { diffLines, outcomeLine, preparedLines } from './show.ts';
import type { Verified } from './verify.ts';
import { verifyApi } from './verify.ts';

const rule = '─'.repeat(37);

/** What came of connecting. */
export interface Connected {
  readonly server: {
    readonly url: string;
    readonly version: string;
    readonly authMode: string | null;
    readonly models: readonly string[];
    readonly main: string;
    readonly small: string;
  };
  /** What was done, or with `list` and `dry-run` would be. */
  readonly clients: readonly ClientOutcome[];
  /** What to enter where the settings are no file, by client. */
  readonly hints: readonly { readonly id: string; readonly name: string; readonly lines: readonly string[] }[];
  readonly verified: readonly Verified[];
}

/**
 * Makes the tools on a machine use an OCP, in the order in which the user reads about it: the server, the key, the
 * environment, each tool, a question as a test. Raises ConnectError where it cannot go on.
 */
export async function connect(request: ConnectRequest, tools: ConnectTools): Promise<Connected> {
  const { say, machine } = tools;
  checkOnly(request.only);
  say(`OCP Connect ${tools.version}`);
  say(rule);
  const server = await findServer(request, tools);
  const found = findClients(machine, request.only);
  const result =
    request.mode === 'connect' ? await make(request, tools, server, found) : show(request, tools, server, found);
  return { server: summary(server), ...result };
}

type Result = Omit<Connected, 'server'>;

function summary({ line, health, offer }: FoundServer): Connected['server'] {
  return {
    url: line.url,
    version: health.version,
    authMode: health.authMode ?? null,
    models: offer.models.map(({ id }) => id),
    main: offer.main.id,
    small: offer.small.id,
  };
}

function wantsShell({ only }: ConnectRequest): boolean {
  return only === undefined || only.includes(shellClient);
}

async function make(
  request: ConnectRequest,
  tools: ConnectTools,
  server: FoundServer,
  found: FoundClients,
): Promise<Result> {
  const { machine, say, asker } = tools;
  const { offer } = server;
  const journal = openJournal(machine.ocpHome);
  const clients: ClientOutcome[] = [];
  let reload: string | undefined;
  if (wantsShell(request)) {
    const anthropic =
      request.anthropicEnv ||
      (await asker.confirm('Let programs for Anthropic, such as Claude Code, use OCP by the environment too?', false));
    const variables = variablesFor(offer, anthropic);
    const { shells, session } = prepareShells(machine, variables);
    say('');
    say('Shells');
    const done = carryOut(shells, journal);
    for (const file of done.files) say(outcomeLine(machine, file));
    say(
      `    ${variables
        .filter(([, value]) => value !== offer.key)
        .map((pair) => pair.join('='))
        .join(' ')}`,
    );
    clients.push(done, ...makeSession(tools, variables, carryOut(session, journal)));
    reload = reloadCommand(machine, shellChanges(machine, variables));
  }
  const connected: Chosen[] = [];
  if (found.files.length > 0) {
    say('');
    say('Tools');
    say(rule);
  }
  for (const one of found.files) {
    const chosen = await chooseClient(one, offer, request, tools);
    if (chosen === undefined) continue;
    const prepared = prepareClient(chosen, machine, offer);
    const outcome = carryOut(prepared, journal);
    say(`${chosen.client.name}${one.at === undefined ? '' : ` (${one.at})`}`);
    for (const file of outcome.files) say(outcomeLine(machine, file));
    for (const note of prepared.notes) say(`    ${note}`);
    if (prepared.reload !== undefined) say(`    ${prepared.reload}`);
    clients.push(outcome);
    if (outcome.files.every((file) => file.outcome !== 'left')) connected.push(chosen);
  }
  const hints = sayHints(tools, server, found);
  const verified = await test(request, tools, server, connected);
  say('');
  for (const line of summaryLines(clients)) say(line);
  if (reload !== undefined) {
    say('For this shell, and others that are open:');
    say(`  ${reload}`);
  }
  return { clients, hints, verified };
}

/** What came of all files together: what was left alone is no success. */
function summaryLines(clients: readonly ClientOutcome[]): readonly string[] {
  const files = clients.flatMap((client) => client.files);
  const count = (wanted: FileOutcome['outcome']): number => files.filter(({ outcome }) => outcome === wanted).length;
  const [changed, unchanged, left] = [count('changed'), count('unchanged'), count('left')];
  const counted = `${changed} ${changed === 1 ? 'file' : 'files'} changed, ${unchanged} as before, ${left} left alone`;
  if (left === 0) return [`Done. ${counted}.`];
  const names = clients
    .filter((client) => client.files.some(({ outcome }) => outcome === 'left'))
    .map(({ name }) => name);
  return [`Not everything was done: ${counted}. Not connected: ${names.join(', ')}; the reasons are above.`];
}

/** macOS keeps variables of graphical programs in launchd, other systems in a file. */
function makeSession(tools: ConnectTools, variables: readonly Variable[], done: ClientOutcome): ClientOutcome[] {
  const { machine, say } = tools;
  if (machine.platform === 'darwin') {
    say('Graphical programs (launchctl)');
    try {
      setForSession(tools.launchctl, openJournal(machine.ocpHome), variables);
      say('  ✓ they know OCP until the machine starts anew; run this again then');
    } catch (error) {
      say(`  ✗ launchctl failed: ${error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error)}`);
    }
    return [];
  }
  if (done.files.length === 0) return [];
  say('Graphical programs and services (environment.d), from the next login on');
  for (const file of done.files) say(outcomeLine(machine, file));
  return [done];
}

function sayHints(
  { machine, say }: ConnectTools,
  { offer }: FoundServer,
  { hinted }: FoundClients,
): Connected['hints'] {
  const hints = hinted.map(({ client: { id, name, hint } }) => ({ id, name, lines: hint(machine, offer) }));
  if (hints.length > 0) {
    say('');
    say('To be set by hand');
    say(rule);
  }
  for (const { name, lines } of hints) {
    say(name);
    for (const line of lines) say(`    ${line}`);
  }
  return hints;
}

async function test(
  { verify }: ConnectRequest,
  { say }: ConnectTools,
  { line, offer }: FoundServer,
  connected: readonly Chosen[],
): Promise<readonly Verified[]> {
  say('');
  say(verify ? 'Asking for an answer as the tools do ...' : 'Asking for an answer ...');
  const users = new Map<Api, string[]>();
  for (const { client, wishes } of verify ? connected : []) {
    users.set(wishes.api, [...(users.get(wishes.api) ?? []), client.name]);
  }
  if (users.size === 0) users.set('chat', []);
  const verified: Verified[] = [];
  for (const [api, names] of users) {
    const answer = await verifyApi(line, offer, api);
    const whose = names.length === 0 ? '' : ` as ${names.join(', ')}`;
    say(answer.ok ? `  ✓ ${api}${whose}: ${answer.said}` : `  ✗ ${api}${whose}: ${answer.said}`);
    verified.push(answer);
  }
  if (!verify) say('    This shows that the server and the key work; --verify asks by the API of each tool.');
  return verified;
}

/** Tells what would be done. */
function show(request: ConnectRequest, tools: ConnectTools, { offer }: FoundServer, found: FoundClients): Result {
  const { machine, say } = tools;
  const { shells, session } = prepareShells(machine, variablesFor(offer, request.anthropicEnv));
  const chosen = found.files
    .filter(({ client }) => client.hasBackup || !request.isBackup)
    .filter(({ client }) => request.mode === 'list' || client.careful === undefined || request.only !== undefined)
    .map(({ client }) => ({ client, wishes: presetWishes(client, request) }));
  const prepared = [
    ...(wantsShell(request) ? [shells, ...(session.changes.length > 0 ? [session] : [])] : []),
    ...chosen.map((one) => prepareClient(one, machine, offer)),
  ];
  say('');
  for (const one of prepared) {
    if (request.mode === 'dry-run') {
      for (const line of diffLines(one, offer)) say(line);
      continue;
    }
    const at = found.files.find(({ client }) => client.id === one.id)?.at;
    const careful = found.files.find(({ client }) => client.id === one.id)?.client.careful !== undefined;
    say(`${one.name}${at === undefined ? '' : ` (${at})`}${careful ? ', only when you say so' : ''}`);
    for (const line of preparedLines(machine, one)) say(line);
  }
  if (prepared.length === 0) say('There is nothing here that could use OCP.');
  const hints = found.hinted.map(({ client: { id, name, hint } }) => ({ id, name, lines: hint(machine, offer) }));
  if (request.mode === 'list') for (const { name } of hints) say(`${name}: to be set by hand`);
  const clients = prepared.map(({ id, name, notes, changes }) => ({
    id,
    name,
    notes,
    files: changes.map((change) =>
      'problem' in change
        ? { path: change.path, outcome: 'left' as const, problem: change.problem }
        : {
            path: change.path,
            outcome: change.after === change.before ? ('unchanged' as const) : ('changed' as const),
          },
    ),
  }));
  return { clients, hints, verified: [] };
}
