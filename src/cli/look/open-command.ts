import { command } from '../command.ts';
import { jsonOption } from '../output/json.ts';
import { remoteOptions } from '../remote/options.ts';

/** `ocp open`: the dashboard in the browser; where there is none, its address. */
export const openCommand = command({
  summary: 'open the dashboard in the browser',
  description: ['Opens the dashboard in the browser, and prints its address, for where no browser can be opened.'],
  options: {
    ...remoteOptions,
    ...jsonOption,
    print: { type: 'boolean', description: 'only print the address' },
  },
  run: async (input, context) => (await import('./open.ts')).openDashboard(input.options, context),
});
