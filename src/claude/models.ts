import { z } from 'zod';
import { OcpError } from '../wire/errors.ts';
import type { Thinking } from '../wire/anthropic/thinking.ts';

const effortLevel = z.enum(['low', 'medium', 'high', 'xhigh', 'max']);
const tokens = z.int().positive();
const price = z.strictObject({
  input: z.number().nonnegative(),
  output: z.number().nonnegative(),
  cacheWrite: z.number().nonnegative(),
  cacheRead: z.number().nonnegative(),
});

const fileEntry = z.strictObject({
  id: z.string().regex(/^claude-[a-z0-9-]+$/),
  displayName: z.string().min(1),
  contextWindow: tokens,
  maxOutputTokens: tokens,
  effort: z.array(effortLevel),
  thinking: z.enum(['off', 'optional', 'adaptive', 'always']),
  thinkingTypes: z.array(z.enum(['adaptive', 'enabled', 'disabled', 'between_tools'])),
  thinkingSource: z.url(),
  created: z.iso.date(),
  price,
  longPrompt: z.strictObject({ overTokens: tokens, price }).optional(),
});

/** The shape of models.json; models.schema.json is made from it. */
export const modelsFile = z.strictObject({
  $schema: z.string().optional(),
  version: z.iso.date(),
  default: z.string(),
  models: z.array(fileEntry).min(1),
  aliases: z.record(z.string(), z.string()),
  legacyAliases: z.record(z.string(), z.string()),
});

export type EffortLevel = z.infer<typeof effortLevel>;

/** USD per million tokens; `cacheWrite` is the price of the five-minute cache. */
export type Price = z.infer<typeof price>;

/** One model. What only models.json knows is undefined for a model that the CLI alone lists. */
export interface Model {
  readonly id: string;
  readonly displayName: string;
  /** Tokens that the model sees through the CLI, which can be fewer than the API offers. */
  readonly contextWindow: number | undefined;
  /** Most tokens of one answer. */
  readonly maxOutputTokens: number | undefined;
  /** Effort levels that the model takes; empty when it takes none. */
  readonly effort: readonly EffortLevel[];
  /** `off`: never. `optional`: where it is asked for. `adaptive`: as the model decides, unless it is told not to. `always`: likewise, and it cannot be told. */
  readonly thinking: 'off' | 'optional' | 'adaptive' | 'always' | undefined;
  /** Values of the API's `thinking.type` that the model takes. */
  readonly thinkingTypes: readonly Thinking['type'][];
  /** Release, Unix time in seconds; for a model that only the CLI lists, the date of models.json. */
  readonly created: number;
  readonly price: Price | undefined;
  /** The price of a request whose prompt is longer than `overTokens`. */
  readonly longPrompt: { readonly overTokens: number; readonly price: Price } | undefined;
}

/** The models that OCP offers, and the names by which they can be asked for. */
export interface ModelCatalogue {
  /** The date of models.json, Unix time in seconds. */
  readonly version: number;
  /** In the order in which they are shown. */
  readonly models: readonly Model[];
  /** The name used when a request has none: an id or an alias. */
  readonly default: string;
  /** Names such as `opus`, to ids. */
  readonly aliases: ReadonlyMap<string, string>;
  /** Names that are still understood but no longer shown, to ids. */
  readonly legacyAliases: ReadonlyMap<string, string>;
}

/** What a request's `model` stands for. */
export interface ResolvedModel {
  /** What the CLI is told. */
  readonly id: string;
  /** Undefined for a `claude-*` name that is passed on unknown. */
  readonly model: Model | undefined;
}

/** Checks the content of models.json. Raises ZodError or Error: the file is shipped with OCP, so a fault in it is a fault of OCP. */
export function loadModels(json: unknown): ModelCatalogue {
  const { version, models, aliases, legacyAliases, default: preset } = modelsFile.parse(json);
  const catalogue: ModelCatalogue = {
    version: Date.parse(version) / 1000,
    models: models.map((entry) => ({
      ...entry,
      created: Date.parse(entry.created) / 1000,
      longPrompt: entry.longPrompt,
    })),
    default: preset,
    aliases: new Map(Object.entries(aliases)),
    legacyAliases: new Map(Object.entries(legacyAliases)),
  };
  const ids = new Set(models.map((model) => model.id));
  const unknown = [...catalogue.aliases, ...catalogue.legacyAliases].find(([, id]) => !ids.has(id));
  if (unknown !== undefined) throw new Error(`models.json: the alias ${unknown[0]} names no model`);
  if (ids.size < models.length) throw new Error('models.json: an id is listed twice');
  resolveModel(catalogue, '');
  return catalogue;
}

/** The catalogue with another default (OCP_DEFAULT_MODEL). Raises OcpError `model_not_found` when there is no such model. */
export function withDefaultModel(catalogue: ModelCatalogue, name: string | undefined): ModelCatalogue {
  if (name === undefined) return catalogue;
  return { ...catalogue, default: resolveModel(catalogue, name).id };
}

/**
 * The catalogue with names of the operator's own (OCP_MODEL_ALIASES), each written `name=model`; they win over the file's.
 * Raises OcpError `model_not_found` when one names no model.
 */
export function withAliases(catalogue: ModelCatalogue, pairs: readonly string[]): ModelCatalogue {
  const aliases = new Map(catalogue.aliases);
  for (const pair of pairs) {
    const [name = '', model = ''] = pair.split('=');
    aliases.set(plainName(name), resolveModel(catalogue, model).id);
  }
  return { ...catalogue, aliases };
}

// Narrow, because the name becomes an argument of a command line.
const passedOn = /^claude-[a-z0-9][a-z0-9._:@-]{0,100}$/;
const longContext = '[1m]';

/**
 * Finds the model for a request's `model`: an id, an alias or a legacy alias, in any case, with or without a provider's
 * prefix (`anthropic/`, `us.anthropic.`), as clouds and other tools write it (`claude-sonnet-4.5`, `…@20250929`, `…-v1:0`), and
 * with the CLI's suffix `[1m]`. An empty name and `default` mean the default; any other
 * `claude-*` is passed on. Raises OcpError `model_not_found`, whose message lists the names,
 * the nearest first.
 */
export function resolveModel(catalogue: ModelCatalogue, asked: string): ResolvedModel {
  const plain = plainName(asked);
  const long = plain.endsWith(longContext);
  const base = long ? plain.slice(0, -longContext.length) : plain;
  const name = base === '' || base === 'default' ? catalogue.default : base;
  const id = catalogue.aliases.get(name) ?? catalogue.legacyAliases.get(name) ?? name;
  const model = catalogue.models.find((candidate) => candidate.id === id);
  if (model === undefined && !passedOn.test(id)) throw unknownModel(catalogue, asked);
  if (!long || id.endsWith(longContext)) return { id, model };
  return { id: id + longContext, model: model === undefined ? undefined : { ...model, contextWindow: 1_000_000 } };
}

/** Prefixes of clouds and regions: `us.anthropic.claude-…`, `anthropic.claude-…`. */
const cloudPrefix = /^(?:[a-z]{2,6}(?:-[a-z]{2,10})?\.)?anthropic\./;
/** The revision that Amazon adds: `-v1`, `-v1:0`. */
const cloudRevision = /-v\d{1,2}(?::\d{1,2})?$/;
/** Google's way to write a date: `@20250929`. */
const cloudDate = /@(\d{8})$/;
/** The family behind the number, which has not been Anthropic's order since version 4: `claude-4.5-sonnet`. */
const numberFirst = /^claude-([4-9](?:[.-]\d{1,2})?)-(opus|sonnet|haiku|fable|mythos)(.*)$/;

/** The name as Anthropic writes it, where another way of writing it leaves no doubt. */
function plainName(asked: string): string {
  return asked
    .slice(0, LONGEST_NAME)
    .slice(asked.lastIndexOf('/') + 1)
    .trim()
    .toLowerCase()
    .replace(cloudPrefix, '')
    .replace(cloudRevision, '')
    .replace(cloudDate, '-$1')
    .replace('@latest', '')
    .replace(numberFirst, 'claude-$2-$1$3')
    .replaceAll(/(?<=-\d{1,2})\.(?=\d{1,2}(?:$|[-[@:]))/g, '-');
}

/** Longer than any name; the rest of a longer one is not looked at. */
const LONGEST_NAME = 200;
/** How many of the nearest names an error lists before the others. */
const NEAREST = 3;

function unknownModel(catalogue: ModelCatalogue, asked: string): OcpError {
  const names = [...catalogue.aliases.keys(), ...catalogue.models.map((model) => model.id)];
  const name = plainName(asked);
  const nearest = names.toSorted((a, b) => distance(a, name) - distance(b, name)).slice(0, NEAREST);
  const message = `There is no such model. Nearest: ${nearest.join(', ')}. Known models: ${names.join(', ')}`;
  return new OcpError('model_not_found', message, { param: 'model' });
}

/** How many letters have to be changed, added or taken away to make one of the other (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, letter] of Array.from(a).entries()) {
    const next = [i + 1];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = (row[j - 1] ?? 0) + (b[j - 1] === letter ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The price of one request, by the length of its whole prompt in tokens (cached parts included). */
export function priceOf(model: Model, promptTokens: number): Price | undefined {
  const { longPrompt } = model;
  return longPrompt !== undefined && promptTokens > longPrompt.overTokens ? longPrompt.price : model.price;
}
