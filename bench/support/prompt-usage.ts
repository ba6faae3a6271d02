import type { Simulator } from '../../simulator/index.ts';

/** The prompt of one call of the API, as the simulator received and counted it. */
export interface PromptUsage {
  /** All of its tokens, cached or not. */
  readonly tokens: number;
  readonly cacheReads: number;
  /** How many cache breakpoints the request had. */
  readonly breakpoints: number;
}

/** The prompt of the last call. Raises Error when there was none. */
export function promptOf(simulator: Simulator): PromptUsage {
  const record = simulator.log.messages().at(-1);
  if (record === undefined) throw new Error('the simulator was not asked');
  const count = (name: string): number => Number(record.usage?.[name] ?? 0);
  const cacheReads = count('cache_read_input_tokens');
  return {
    tokens: count('input_tokens') + count('cache_creation_input_tokens') + cacheReads,
    cacheReads,
    breakpoints: JSON.stringify(record.body).split('"cache_control":{').length - 1,
  };
}
