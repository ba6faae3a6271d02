import { command } from '../command.ts';
import { jsonOption } from '../output/json.ts';
import { remoteOptions } from '../remote/options.ts';

const options = { ...remoteOptions, ...jsonOption };

/** `ocp audit`: what was administered, by whom, from where. */
export const auditCommand = command(
  {
    summary: 'what was administered, by whom, from where; verify checks that nothing was changed',
    options: {
      ...options,
      limit: { type: 'string', value: 'N', description: 'how many entries, 1 to 500 (20)' },
      before: { type: 'string', value: 'ID', description: 'only entries before this one' },
    },
    run: async (input, context) => (await import('./audit.ts')).showAudit(input.options, context),
  },
  {
    verify: command({
      summary: 'check that no entry was changed or taken out; the exit status is 1 where one was',
      options,
      run: async (input, context) => (await import('./audit.ts')).verifyAudit(input.options, context),
    }),
  },
);
