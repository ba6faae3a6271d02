import { z } from 'zod';
import type { Model, ModelCatalogue } from './models.ts';

/** One entry of the CLI's own list, as far as OCP reads it. Contract: `list_models` in the CLI's control protocol. */
const cliModel = z.object({
  value: z.string(),
  resolvedModel: z.string().optional(),
  supportedEffortLevels: z.array(z.string()).optional(),
});

/**
 * Adds the models and short names that the installed CLI lists and models.json does not know, so that a newer CLI's
 * models can be used before OCP is updated. Where both know a name, models.json is right. Entries of another shape are skipped.
 */
export function joinWithCli(catalogue: ModelCatalogue, cliModels: readonly unknown[]): ModelCatalogue {
  const models = new Map(catalogue.models.map((model) => [model.id, model]));
  const aliases = new Map(catalogue.aliases);
  for (const entry of cliModels) {
    const parsed = cliModel.safeParse(entry);
    if (!parsed.success) continue;
    const { value, resolvedModel } = parsed.data;
    const id = resolvedModel ?? value;
    if (!/^claude-[a-z0-9-]+$/.test(id)) continue;
    if (!models.has(id)) models.set(id, newModel(id, parsed.data, catalogue.version));
    if (value !== 'default' && value !== id && !aliases.has(value)) aliases.set(value, id);
  }
  return { ...catalogue, models: [...models.values()], aliases };
}

function newModel(id: string, listed: z.infer<typeof cliModel>, knownSince: number): Model {
  const levels = ['low', 'medium', 'high', 'xhigh', 'max'] as const;
  return {
    id,
    displayName: displayNameOf(id),
    contextWindow: undefined,
    maxOutputTokens: undefined,
    effort: levels.filter((level) => listed.supportedEffortLevels?.includes(level) === true),
    thinking: undefined,
    thinkingTypes: [],
    created: datedId(id) ?? knownSince,
    price: undefined,
    longPrompt: undefined,
  };
}

/** The date that an id ends in, Unix time in seconds. */
function datedId(id: string): number | undefined {
  const [, year, month, day] = /-(\d{4})(\d\d)(\d\d)$/.exec(id) ?? [];
  const time = Date.parse(`${year}-${month}-${day}`);
  return Number.isNaN(time) ? undefined : time / 1000;
}

/** `claude-opus-6-1-20270101` to `Claude Opus 6.1`: the CLI's own display names leave out the version. */
function displayNameOf(id: string): string {
  const parts = id.split('-').filter((part) => !/^\d{8}$/.test(part));
  const words = parts.filter((part) => !/^\d+$/.test(part)).map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  const version = parts.filter((part) => /^\d+$/.test(part)).join('.');
  return [...words, ...(version === '' ? [] : [version])].join(' ');
}
