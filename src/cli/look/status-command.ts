import { command } from '../command.ts';
import { jsonOption } from '../output/json.ts';
import { remoteOptions } from '../remote/options.ts';

/** `ocp status`. Contract: JSON, as scripts read it from a pipe; people at a terminal get lines. */
export const statusCommand = command({
  summary: 'how the server is doing: its state, service, login, requests, and what is left of the plan',
  description: [
    'How the server is doing, and on its own machine the service that runs it. The exit status is 1 where it is degraded or ' +
      'does not answer. In a pipe it is JSON, as with --json.',
  ],
  options: { ...remoteOptions, ...jsonOption },
  run: async (input, context) => (await import('./status.ts')).showStatus(input.options, context),
});
