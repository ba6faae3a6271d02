import { integerText, isTime } from '../config/integer.ts';
import type { VariableDefinition } from '../config/variables.ts';
import { variables } from '../config/variables.ts';
import { command } from './command.ts';

/** `ocp serve`: the server, in the foreground. */
export const serveCommand = command({
  summary: 'run the server in the foreground; configured by environment variables and config.json',
  description: [
    'Runs the server until it is told to stop. The variables below configure it, from the environment, and beneath it from ' +
      'the file config.json in OCP_HOME.',
  ],
  details: (variables as readonly VariableDefinition[]).map((row) => [
    row.name,
    `${row.description} (${defaultOf(row)})`,
  ]),
  options: {
    quiet: {
      type: 'boolean',
      description: 'write only warnings and errors to the standard error output; the log in OCP_HOME has everything',
    },
    'until-input-ends': { type: 'boolean', description: 'stop when the standard input ends, for supervisors' },
  },
  run: async (input, context) => (await import('./serve.ts')).serve(input.options, context),
});

function defaultOf(row: VariableDefinition): string {
  if (row.defaultText !== undefined) return row.defaultText;
  if (row.kind !== 'integer' || row.default === undefined) return String(row.default ?? 'unset');
  return isTime(row) || row.unit === undefined ? integerText(row, row.default) : `${row.default} ${row.unit}`;
}
