import { command } from '../command.ts';
import { jsonOption } from '../output/json.ts';
import { remoteOptions } from '../remote/options.ts';

/**
 * `ocp health`. Contract: JSON, as scripts read it from a pipe; people at a terminal get lines. The status is 1 when the
 * server is degraded, so that a script can ask with it.
 */
export const healthCommand = command({
  summary: 'what runs, what is wrong and what waits; needs no key',
  description: [
    'What runs, what is wrong and what waits. The exit status is 1 where the server is degraded or does not answer. In a ' +
      'pipe it is JSON, as with --json.',
  ],
  options: { ...remoteOptions, ...jsonOption },
  run: async (input, context) => (await import('./health.ts')).showHealth(input.options, context),
});
