import { isDeepStrictEqual } from 'node:util';
import type { Path, Setting } from '../edit/settings.ts';
import { isRecord, valueAt } from '../edit/settings.ts';

/** A model as OCP lists it. */
export interface RegistryModel {
  readonly id: string;
  readonly displayName: string;
  /** Tokens; undefined for a model that only the CLI knows, which is not registered. */
  readonly contextWindow: number | undefined;
  readonly maxOutputTokens: number | undefined;
}

/** How OpenClaw's list stands to OCP's. */
export type Drift =
  /** There is no OpenClaw, or it knows no such provider. */
  | { readonly state: 'absent' | 'unregistered' | 'in-sync' }
  /** Its file cannot be read; `reason` is for its owner. */
  | { readonly state: 'unreadable'; readonly reason: string }
  | {
      readonly state: 'drift';
      /** Ids that OpenClaw lacks, that it has otherwise, and that OCP no longer offers. */
      readonly missing: readonly string[];
      readonly changed: readonly string[];
      readonly stale: readonly string[];
      /** Models without their short name, and short names without a model. */
      readonly aliases: readonly string[];
      /** Choices of a model that OCP no longer offers, and what takes its place; undefined where a fallback just goes. */
      readonly chosen: readonly ChosenModel[];
    };

/** A place in openclaw.json that names a model. */
export interface ChosenModel {
  readonly path: Path;
  readonly from: string;
  readonly to: string | undefined;
}

/** What OpenClaw is told of an OCP. */
export interface Registration {
  readonly provider: string;
  /** Without `/v1`. */
  readonly url: string;
  /** The id of the model that OpenClaw uses where nothing is chosen yet. */
  readonly defaultModel: string;
  /** The key that OCP asks callers on this machine for; undefined where it asks for none. */
  readonly key?: string | undefined;
}

const aliasTable: Path = ['agents', 'defaults', 'models'];

/** Compares what openclaw.json says with these models. */
export function driftOf(present: unknown, models: readonly RegistryModel[], provider: string): Drift {
  if (!isRecord(valueAt(present, ['models', 'providers', provider]))) return { state: 'unregistered' };
  const wanted = entriesOf(models);
  const listed = listOf(present, provider);
  const byId = new Map(listed.map((entry) => [entry['id'], entry]));
  const missing = wanted.filter(({ id }) => !byId.has(id)).map(({ id }) => id);
  const changed = wanted.filter((entry) => differs(byId.get(entry.id), entry)).map(({ id }) => id);
  const ids = new Set<unknown>(wanted.map(({ id }) => id));
  const stale = listed.flatMap(({ id }) => (typeof id === 'string' && !ids.has(id) ? [id] : []));
  const aliases = aliasSettings(present, models, provider).flatMap(({ path }) =>
    path.slice(-1).filter((step) => typeof step === 'string'),
  );
  const chosen = chosenModels(present, models, provider);
  if (missing.length + changed.length + stale.length + aliases.length + chosen.length === 0)
    return { state: 'in-sync' };
  return { state: 'drift', missing, changed, stale, aliases, chosen };
}

function listOf(present: unknown, provider: string): readonly Readonly<Record<string, unknown>>[] {
  const list = valueAt(present, ['models', 'providers', provider, 'models']);
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

type Entry = ReturnType<typeof entriesOf>[number];

/** The models as OpenClaw lists them; what a request costs is not OpenClaw's to count. */
function entriesOf(models: readonly RegistryModel[]) {
  return models.flatMap(({ id, displayName, contextWindow, maxOutputTokens }) =>
    contextWindow === undefined || maxOutputTokens === undefined
      ? []
      : [
          {
            id,
            name: displayName,
            reasoning: true,
            input: ['text', 'image'],
            cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
            contextWindow,
            maxTokens: maxOutputTokens,
          },
        ],
  );
}

/** Whether an entry says something else than it should; what it says besides is its owner's. */
function differs(present: Readonly<Record<string, unknown>> | undefined, wanted: Entry): boolean {
  if (present === undefined) return false;
  return Object.entries(wanted).some(([name, value]) => !isDeepStrictEqual(present[name], value));
}

/** What makes the list of a provider that is there the same as OCP's. */
export function syncSettings(present: unknown, models: readonly RegistryModel[], provider: string): readonly Setting[] {
  const list: Path = ['models', 'providers', provider, 'models'];
  const wanted = entriesOf(models);
  const chosen = chosenModels(present, models, provider).map(({ path, to }) => ({ path, value: to }));
  if (!Array.isArray(valueAt(present, list))) {
    return [{ path: list, value: wanted }, ...aliasSettings(present, models, provider), ...chosen];
  }
  const listed = listOf(present, provider);
  const ids = new Set<unknown>(wanted.map(({ id }) => id));
  const stale = listed.flatMap(({ id }) =>
    typeof id === 'string' && !ids.has(id) ? [{ path: [...list, { by: 'id', is: id }], value: undefined }] : [],
  );
  const current = wanted.flatMap((entry): readonly Setting[] => {
    const path: Path = [...list, { by: 'id', is: entry.id }];
    const before = listed.find(({ id }) => id === entry.id);
    if (before === undefined) return [{ path, value: entry }];
    return Object.entries(entry).map(([name, value]) => ({ path: [...path, name], value }));
  });
  return [...stale, ...current, ...aliasSettings(present, models, provider), ...chosen];
}

const families = ['opus', 'sonnet', 'haiku', 'fable'];

/** Where a model of this provider is chosen that OCP does not offer: the one of its family takes its place, else the first. */
export function chosenModels(
  present: unknown,
  models: readonly RegistryModel[],
  provider: string,
): readonly ChosenModel[] {
  const ids = entriesOf(models).map(({ id }) => id);
  const isGone = (ref: unknown): ref is string =>
    typeof ref === 'string' && ref.startsWith(`${provider}/`) && !ids.includes(ref.slice(provider.length + 1));
  const instead = (ref: string): string | undefined => {
    const family = families.find((name) => ref.includes(name));
    const id = ids.find((candidate) => family !== undefined && candidate.includes(family)) ?? ids[0];
    return id === undefined ? undefined : `${provider}/${id}`;
  };
  const list = valueAt(present, ['agents', 'list']);
  const agents: readonly Path[] = (Array.isArray(list) ? list : []).flatMap((agent: unknown) =>
    isRecord(agent) && typeof agent['id'] === 'string' ? [['agents', 'list', { by: 'id', is: agent['id'] }]] : [],
  );
  return [['agents', 'defaults'] as Path, ...agents].flatMap((holder) =>
    ['model', 'imageModel'].flatMap((name): readonly ChosenModel[] => {
      const path: Path = [...holder, name];
      const value = valueAt(present, path);
      if (isGone(value)) return [{ path, from: value, to: instead(value) }];
      const primary = valueAt(value, ['primary']);
      const fallbacks = valueAt(value, ['fallbacks']);
      return [
        ...(isGone(primary) ? [{ path: [...path, 'primary'], from: primary, to: instead(primary) }] : []),
        ...(Array.isArray(fallbacks) ? [...new Set(fallbacks.filter(isGone))] : []).map((from) => ({
          path: [...path, 'fallbacks', { is: from }],
          from,
          to: undefined,
        })),
      ];
    }),
  );
}

/** Short names: those of new models, and away with those of old ones. A name that its owner chose stays. */
function aliasSettings(present: unknown, models: readonly RegistryModel[], provider: string): readonly Setting[] {
  const table = valueAt(present, aliasTable);
  // Where OpenClaw has no such table, making one would hide every model that is not in it.
  if (!isRecord(table)) return [];
  const wanted = new Map(entriesOf(models).map(({ id, name }) => [`${provider}/${id}`, name]));
  const stale = Object.keys(table)
    .filter((ref) => ref.startsWith(`${provider}/`) && !wanted.has(ref))
    .map((ref): Setting => ({ path: [...aliasTable, ref], value: undefined }));
  const missing = [...wanted]
    .filter(([ref]) => typeof valueAt(table[ref], ['alias']) !== 'string')
    .map(([ref, alias]): Setting => ({
      path: [...aliasTable, ref],
      value: { ...(isRecord(table[ref]) ? table[ref] : {}), alias },
    }));
  return [...stale, ...missing];
}

/** What an OCP without keys is sent: OpenClaw insists on a key. */
const placeholderKey = 'local-proxy-no-auth';

/** What makes an OCP known that OpenClaw may or may not know yet. */
export function registrationSettings(
  present: unknown,
  models: readonly RegistryModel[],
  { provider, url, defaultModel, key }: Registration,
  hasProfiles: boolean,
): readonly Setting[] {
  const path: Path = ['models', 'providers', provider];
  const isKnown = isRecord(valueAt(present, path));
  const table = valueAt(present, aliasTable);
  const chosen = valueAt(present, ['agents', 'defaults', 'model']);
  const primary = isRecord(chosen) ? chosen['primary'] : chosen;
  const aliases: readonly Setting[] = isRecord(table)
    ? aliasSettings(present, models, provider)
    : typeof primary === 'string' && !primary.startsWith(`${provider}/`)
      ? []
      : entriesOf(models).map(({ id, name }) => ({
          path: [...aliasTable, `${provider}/${id}`],
          value: { alias: name },
        }));
  return [
    { path: [...path, 'baseUrl'], value: `${url}/v1` },
    { path: [...path, 'api'], value: 'openai-completions', ifAbsent: true },
    { path: [...path, 'apiKey'], value: key ?? placeholderKey, ...(key === undefined ? { ifAbsent: true } : {}) },
    { path: [...path, 'authHeader'], value: key !== undefined, ifAbsent: true },
    ...(isKnown ? syncModels(present, models, provider) : [{ path: [...path, 'models'], value: entriesOf(models) }]),
    ...(hasProfiles
      ? [
          { path: ['auth', 'profiles', `${provider}:default`, 'provider'], value: provider, ifAbsent: true } as const,
          { path: ['auth', 'profiles', `${provider}:default`, 'mode'], value: 'api_key', ifAbsent: true } as const,
        ]
      : []),
    ...aliases,
    ...(primary === undefined
      ? [{ path: ['agents', 'defaults', 'model', 'primary'], value: `${provider}/${defaultModel}` }]
      : []),
  ];
}

function syncModels(present: unknown, models: readonly RegistryModel[], provider: string): readonly Setting[] {
  return syncSettings(present, models, provider).filter(({ path }) => path[0] === 'models');
}

/** What an agent of an older OpenClaw has among its keys. */
export function profileSettings(present: unknown, { provider, key }: Registration): readonly Setting[] {
  const profile = `${provider}:default`;
  const value = { type: 'api_key', provider, key: key ?? placeholderKey };
  const path: Path = ['profiles', profile];
  return [
    ...(valueAt(present, path) === undefined
      ? [{ path, value }]
      : key === undefined
        ? []
        : [{ path: [...path, 'key'], value: key }]),
    { path: ['lastGood', provider], value: profile, ifAbsent: true },
  ];
}
