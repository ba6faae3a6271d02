import { existsSync } from 'node:fs';
import type { Setting } from '../../edit/settings.ts';
import { isRecord, ourSettings, valueAt } from '../../edit/settings.ts';
import type { FileChange } from '../files/change.ts';
import { localProvider } from '../local-provider.ts';
import { firstFound } from '../machine.ts';
import { openClawFiles } from '../openclaw-files.ts';
import type { Api } from '../api.ts';
import type { Offer } from '../offer.ts';
import type { ListedModel } from '../server.ts';
import type { FileClient, Wishes } from './client.ts';
import { cautiousContext, cautiousOutput, urlFor } from './client.ts';
import { agentProfiles } from './openclaw-agents.ts';
import { labelOf } from './labelled.ts';

const apiNames: Readonly<Record<Api, string>> = {
  chat: 'openai-completions',
  responses: 'openai-responses',
  messages: 'anthropic-messages',
};

export const openClaw: FileClient = {
  id: 'openclaw',
  name: 'OpenClaw',
  apis: ['chat', 'responses', 'messages'],
  files: '~/.openclaw/openclaw.json, agents/*/agent/auth-profiles.json',
  hasBackup: true,
  asksMore: true,
  detect: (machine) => firstFound(machine, [openClawFiles(machine).config, openClawFiles(machine).folder, 'openclaw']),
  plan: (machine, offer, wishes) => {
    const { folder, config } = openClawFiles(machine);
    const profiles = agentProfiles(folder, config);
    const changes: FileChange[] = [
      {
        path: config,
        format: 'json5',
        settings: (present) => openClawSettings(present, offer, wishes, profiles.length > 0),
      },
      ...profiles.map((path): FileChange => ({
        path,
        format: 'json',
        settings: () => profileSettings(wishes.providerName, offer.key),
      })),
    ];
    const { providerName, isPrimary } = wishes;
    return {
      changes,
      notes: [
        `Models: ${offer.models.map(({ id }) => `${providerName}/${id}`).join(', ')}`,
        isPrimary
          ? `Priority: primary, ${providerName}/${offer.main.id} is the default`
          : 'Priority: backup, the default stays',
        ...(existsSync(config) ? [] : ['OpenClaw was not set up yet; openclaw onboard sets up the rest']),
      ],
    };
  },
  reload: 'Restart OpenClaw: openclaw gateway restart',
};

/** Newer versions keep keys in a database and take the provider's; older ones want a profile besides. */
function profileSettings(provider: string, key: string): readonly Setting[] {
  const profile = `${provider}:default`;
  return [
    { path: ['version'], value: 1, ifAbsent: true },
    ...ourSettings(['profiles', profile], { type: 'api_key', provider, key }),
  ];
}

/** What is to stand in openclaw.json. Contract: section 7 of OCP's contract, "ocp-connect". */
export function openClawSettings(
  present: unknown,
  offer: Offer,
  { api, isPrimary, providerName }: Wishes,
  hasProfiles: boolean,
): readonly Setting[] {
  const provider = {
    baseUrl: urlFor(api, offer, false),
    apiKey: offer.key,
    api: apiNames[api],
    ...(offer.hasKey ? { authHeader: true } : {}),
    ...(isOld(present) ? {} : { timeoutSeconds: 600 }),
    models: offer.models.map((model) => openClawModel(model, api)),
  };
  return [
    { path: ['models', 'mode'], value: 'merge', ifAbsent: true },
    ...ourSettings(['models', 'providers', providerName], provider),
    ...(hasProfiles
      ? ourSettings(['auth', 'profiles', `${providerName}:default`], { provider: providerName, mode: 'api_key' })
      : []),
    ...allowed(present, offer, providerName),
    ...(isPrimary ? primary(present, offer, providerName) : []),
  ];
}

/** One model as OpenClaw lists it. */
export function openClawModel({ id, name, contextWindow, maxOutputTokens }: ListedModel, api: Api): object {
  return {
    id,
    name: labelOf(name),
    reasoning: true,
    input: ['text', 'image'],
    cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
    contextWindow: contextWindow ?? cautiousContext,
    maxTokens: maxOutputTokens ?? cautiousOutput,
    ...(api === 'chat'
      ? {
          compat: {
            supportsReasoningEffort: true,
            supportsUsageInStreaming: true,
            supportsDeveloperRole: false,
            maxTokensField: 'max_tokens',
          },
        }
      : {}),
  };
}

/** Versions that refuse a file with settings that they do not know. */
function isOld(present: unknown): boolean {
  const version = valueAt(present, ['meta', 'lastTouchedVersion']);
  const [, year = '', month = ''] = /^(\d{4})\.(\d{1,2})\./u.exec(typeof version === 'string' ? version : '') ?? [];
  return year !== '' && Number(year) * 12 + Number(month) < 2026 * 12 + 8;
}

const defaults = ['agents', 'defaults'];

/** Short names, and a place in the list of allowed models where there is one. */
function allowed(present: unknown, { families, models }: Offer, provider: string): readonly Setting[] {
  const aliases = new Map(
    Object.entries(families).map(([family, id]) => [id, `Claude ${family[0]?.toUpperCase() ?? ''}${family.slice(1)}`]),
  );
  const table = valueAt(present, [...defaults, 'models']);
  const current = primaryOf(valueAt(present, [...defaults, 'model']));
  // In older versions this table, once there, is all that may be chosen.
  const keep =
    table === undefined && current !== undefined && !current.startsWith(`${provider}/`)
      ? [{ path: [...defaults, 'models', current], value: {}, ours: 4 }]
      : [];
  const names = models.map(({ id }): Setting => {
    const alias = aliases.get(id);
    return { path: [...defaults, 'models', `${provider}/${id}`], value: alias === undefined ? {} : { alias }, ours: 4 };
  });
  const stale = Object.keys(isRecord(table) ? table : {})
    .filter((ref) => ref.startsWith(`${provider}/`) && !models.some(({ id }) => ref === `${provider}/${id}`))
    .map((ref): Setting => ({ path: [...defaults, 'models', ref], value: undefined, ours: 4 }));
  const policy = valueAt(present, [...defaults, 'modelPolicy', 'allow']);
  const all = `${provider}/*`;
  const allow =
    Array.isArray(policy) && policy.length > 0
      ? [{ path: [...defaults, 'modelPolicy', 'allow', { is: all }], value: all, ours: 5 }]
      : [];
  return [...keep, ...names, ...stale, ...allow];
}

/** The chosen model, as a text or in an object. */
function primaryOf(model: unknown): string | undefined {
  const primary = isRecord(model) ? model['primary'] : model;
  return typeof primary === 'string' ? primary : undefined;
}

function primary(present: unknown, { main }: Offer, provider: string): readonly Setting[] {
  const path = [...defaults, 'model'];
  const model = valueAt(present, path);
  const chosen = `${provider}/${main.id}`;
  if (typeof model === 'string') return [{ path, value: { primary: chosen, fallbacks: [] } }];
  const fallbacks = valueAt(model, ['fallbacks']);
  const moved = Array.isArray(fallbacks) ? fallbacks.map((ref: unknown) => movedRef(present, ref, provider)) : [];
  return [
    { path: [...path, 'primary'], value: chosen },
    { path: [...path, 'fallbacks'], value: moved },
    ...movedAgents(present, provider),
  ];
}

/** A model of a local OCP that is gone becomes the same model of this one. */
function movedRef(present: unknown, ref: unknown, provider: string): unknown {
  const isGone = valueAt(present, ['models', 'providers', localProvider]) === undefined;
  return typeof ref === 'string' && isGone && ref.startsWith(`${localProvider}/`)
    ? `${provider}${ref.slice(localProvider.length)}`
    : ref;
}

function movedAgents(present: unknown, provider: string): readonly Setting[] {
  const list = valueAt(present, ['agents', 'list']);
  return (Array.isArray(list) ? (list as readonly unknown[]) : []).flatMap((agent): readonly Setting[] => {
    const id = isRecord(agent) ? agent['id'] : undefined;
    const model = isRecord(agent) ? agent['model'] : undefined;
    const moved = movedRef(present, primaryOf(model), provider);
    if (typeof id !== 'string' || moved === primaryOf(model)) return [];
    const path = ['agents', 'list', { by: 'id', is: id }, 'model', ...(isRecord(model) ? ['primary'] : [])];
    return [{ path, value: moved }];
  });
}
