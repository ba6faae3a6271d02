import { command } from '../command.ts';
import { usageOptions } from './usage-options.ts';

/** `ocp usage`. Contract: the rows "usage" of the command line: plan and models, or with `--by-key` a table of keys. */
export const usageCommand = command({
  summary: 'what is left of the plan, and what was used: by model, key, hour and request',
  description: [
    'What is left of the plan, and what was asked of each model since the start. With --by-key, --all or a time: what each ' +
      "key used; the admin sees everybody's, others their own. Costs are at list price; a plan is not billed by them.",
  ],
  options: usageOptions,
  examples: [
    { line: 'ocp usage --by-key --since 2026-11-01', does: 'what each key used since then' },
    { line: 'ocp usage --csv --hours 720 > usage.csv', does: 'the last 30 days for a spreadsheet' },
  ],
  run: async (input, context) => (await import('./usage.ts')).showUsage(input.options, context),
});
