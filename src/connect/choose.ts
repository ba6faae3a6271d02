import type { FileClient, HintedClient, Wishes } from './clients/client.ts';
import { fileClients } from './clients/clients.ts';
import { hintedClients } from './clients/hinted.ts';
import { shellClient } from './environment/shells.ts';
import { ConnectError } from './error.ts';
import { homely } from './machine.ts';
import type { Machine } from './machine.ts';
import type { Offer } from './offer.ts';
import type { ConnectRequest, ConnectTools } from './request.ts';

/** A client that is here, or that the user named. */
export interface Found<C> {
  readonly client: C;
  /** What shows that it is here, for people; undefined where nothing does. */
  readonly at: string | undefined;
}

export interface FoundClients {
  readonly files: readonly Found<FileClient>[];
  readonly hinted: readonly Found<HintedClient>[];
}

/** Raises ConnectError for names that are no client's. */
export function checkOnly(only: readonly string[] | undefined): void {
  const known = [shellClient, ...fileClients.map(({ id }) => id), ...hintedClients.map(({ id }) => id)];
  const unknown = only?.find((id) => !known.includes(id));
  if (unknown === undefined) return;
  throw new ConnectError(`There is no tool ${JSON.stringify(unknown)}; known are ${known.join(', ')}`);
}

/** The clients that are here; those that the user names count as here. */
export function findClients(machine: Machine, only: readonly string[] | undefined): FoundClients {
  const find = <C extends FileClient | HintedClient>(clients: readonly C[]): Found<C>[] =>
    clients
      .filter(({ id }) => only === undefined || only.includes(id))
      .map((client) => ({ client, found: client.detect(machine) }))
      .filter(({ found }) => found !== undefined || only !== undefined)
      .map(({ client, found }) => ({ client, at: found === undefined ? undefined : homely(machine, found) }));
  return { files: find(fileClients), hinted: find(hintedClients) };
}

/** A client that is to be configured, and how. */
export interface Chosen {
  readonly client: FileClient;
  readonly wishes: Wishes;
}

const providerName = /^[a-z][a-z0-9-]{0,31}$/u;

/** Asks about one client; undefined where it is to stay as it is. Raises ConnectError for a name that cannot be used. */
export async function chooseClient(
  { client, at }: Found<FileClient>,
  offer: Offer,
  request: ConnectRequest,
  { asker, say }: ConnectTools,
): Promise<Chosen | undefined> {
  if (request.isBackup && !client.hasBackup) {
    say(`${client.name} knows no second place for OCP, and stays as it is`);
    return undefined;
  }
  const reason = client.careful?.(offer);
  if (reason !== undefined) say(`  ${reason}`);
  const isNamed = request.only?.includes(client.id) ?? false;
  const wanted = await asker.confirm(
    `Make ${client.name}${at === undefined ? '' : ` (${at})`} use OCP?`,
    reason === undefined || isNamed,
  );
  if (!wanted) return undefined;
  const wishes = presetWishes(client, request);
  if (client.asksMore !== true) return { client, wishes };
  const name = await asker.text('Name for the provider (models are listed as NAME/model)', wishes.providerName);
  if (!providerName.test(name)) {
    throw new ConnectError(`${JSON.stringify(name)} is no name for a provider: small letters, digits and hyphens`);
  }
  const place = await asker.choose(
    'Which models are to be used?',
    [
      'Primary: those of OCP, the present ones as a backup',
      'Backup: the present ones, those of OCP as a further choice',
    ],
    wishes.isPrimary ? 0 : 1,
  );
  return { client, wishes: { ...wishes, providerName: name, isPrimary: place === 0 } };
}

/** What is done where nobody is asked. */
export function presetWishes(client: FileClient, { api, isBackup }: ConnectRequest): Wishes {
  return {
    api: api !== undefined && client.apis.includes(api) ? api : client.apis[0],
    isPrimary: !isBackup,
    providerName: 'ocp',
  };
}
