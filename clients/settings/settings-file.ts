import { relative } from 'node:path';
import { fileClients } from '../../src/connect/clients/clients.ts';
import { freshText } from '../../src/connect/files/change.ts';
import type { Api } from '../../src/connect/api.ts';
import type { Offer } from '../../src/connect/offer.ts';

/** A settings file of a client as `ocp connect` writes it where there is none; the documentation shows it. */
export interface SettingsFile {
  /** Below the user's home. */
  readonly path: string;
  readonly language: string;
  readonly text: string;
}

/** The model that the clients are set to: the server's default. */
export const model = 'claude-sonnet-5-5';

const home = '/home/you';
const languages: Readonly<Record<string, string>> = {
  json: 'json',
  json5: 'json',
  yaml: 'yaml',
  toml: 'toml',
  block: 'sh',
};
const main = { id: model, name: 'Claude Sonnet 5.5', contextWindow: 200_000, maxOutputTokens: 64_000 };
const small = { ...main, id: 'claude-haiku-5-5', name: 'Claude Haiku 5.5' };
const url = 'http://127.0.0.1:3456';
const offer: Offer = {
  url,
  baseUrl: `${url}/v1`,
  key: 'YOUR_KEY',
  hasKey: true,
  models: [main, small],
  main,
  small,
  families: { sonnet: main.id, haiku: small.id },
};

/** The settings of a client for a server with two models. */
export function exampleSettings(id: string, api?: Api): SettingsFile {
  const client = fileClients.find((candidate) => candidate.id === id);
  if (client === undefined) throw new Error(`there is no client ${id}`);
  const machine = { home, env: {}, platform: 'linux', ocpHome: `${home}/.ocp` } as const;
  const wishes = { api: api ?? client.apis[0], isPrimary: true, providerName: 'ocp' };
  const [change] = client.plan(machine, offer, wishes).changes;
  if (change === undefined) throw new Error(`${id} has no settings file`);
  return { path: relative(home, change.path), language: languages[change.format] ?? '', text: freshText(change) };
}
