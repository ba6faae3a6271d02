import { command } from '../command.ts';
import { jsonOption } from '../output/json.ts';
import { remoteOptions } from '../remote/options.ts';

/** `ocp models`. Contract: the ids; at a terminal with what is known of each. */
export const modelsCommand = command({
  summary: 'the models that a client may ask for',
  description: ['The models that a client may ask for. In a pipe only their ids, one a line.'],
  options: { ...remoteOptions, ...jsonOption },
  run: async (input, context) => (await import('./models.ts')).showModels(input.options, context),
});
