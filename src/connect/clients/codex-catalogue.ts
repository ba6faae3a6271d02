import { spawnSync } from 'node:child_process';
import { z } from 'zod';
import type { ListedModel } from '../server.ts';
import { cautiousContext } from './client.ts';

const bundled = z.object({ models: z.array(z.looseObject({ base_instructions: z.string().min(1) })).min(1) });

const efforts = ['low', 'medium', 'high', 'xhigh', 'max'];

/**
 * What Codex is to know of the server's models: without it, Codex gives them no tool for patches and warns. Its instructions
 * for a model are its own, which the installed program tells; undefined where it does not.
 */
export function codexCatalogue(
  program: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  models: readonly ListedModel[],
): readonly object[] | undefined {
  if (program === undefined) return undefined;
  const run = spawnSync(program, ['debug', 'models', '--bundled'], {
    env,
    encoding: 'utf8',
    timeout: 20_000,
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const own = bundled.safeParse(parse(run.status === 0 ? run.stdout : ''));
  const instructions = own.data?.models[0]?.base_instructions;
  if (instructions === undefined) return undefined;
  // They name the model that they were written for.
  const text = instructions.replace(/ based on GPT-[\d.]*\d/u, '');
  return models.map((model, index) => entry(model, index, text));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function entry(
  { id, name, contextWindow = cautiousContext }: ListedModel,
  index: number,
  instructions: string,
): object {
  return {
    slug: id,
    display_name: name,
    description: `${name} through OCP`,
    default_reasoning_level: 'medium',
    supported_reasoning_levels: efforts.map((effort) => ({ effort, description: `Reasoning effort ${effort}` })),
    shell_type: 'unified_exec',
    visibility: 'list',
    supported_in_api: true,
    priority: index + 1,
    availability_nux: null,
    upgrade: null,
    base_instructions: instructions,
    supports_reasoning_summaries: true,
    default_reasoning_summary: 'auto',
    support_verbosity: false,
    apply_patch_tool_type: 'freeform',
    truncation_policy: { mode: 'tokens', limit: 10_000 },
    supports_parallel_tool_calls: true,
    supports_image_detail_original: true,
    context_window: contextWindow,
    max_context_window: contextWindow,
    effective_context_window_percent: 95,
    experimental_supported_tools: [],
    input_modalities: ['text', 'image'],
    supports_search_tool: false,
  };
}
