import { command } from '../command.ts';
import { jsonOption } from '../output/json.ts';
import { remoteOptions } from '../remote/options.ts';

const options = { ...remoteOptions, ...jsonOption };

/** `ocp cache`: what the response cache holds; `ocp cache clear` forgets it. */
export const cacheCommand = command(
  {
    summary: 'what the response cache holds; clear forgets it',
    description: ['What the response cache holds. It is off unless the setting cacheTTL says otherwise.'],
    options,
    run: async (input, context) => (await import('./cache.ts')).showCache(input.options, context),
  },
  {
    clear: command({
      summary: 'forget every kept answer',
      options,
      run: async (input, context) => (await import('./cache.ts')).clearCache(input.options, context),
    }),
  },
);
