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
  const value = row.defaultText ?? (row.default === undefined ? 'unset' : String(row.default));
  return row.kind === 'integer' && row.unit !== undefined && row.defaultText === undefined
    ? `${value} ${row.unit}`
    : value;
}
