import { once } from 'node:events';
import { readConfiguration } from '../config/configuration.ts';
import { variables } from '../config/variables.ts';
import type { VariableDefinition } from '../config/variables.ts';
import { command } from './command.ts';
import { startMessage } from './start-message.ts';

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
  async run(_input, { env: given, packageRoot, io }) {
    const { config, env } = readConfiguration(given);
    const { startServer } = await import('../http/serve.ts');
    const server = await startServer({ config, env, packageRoot, io }).catch((error: unknown) => {
      // Told to stop before it had started.
      if (io.signal.aborted && error === io.signal.reason) return undefined;
      throw error;
    });
    if (server === undefined) return 0;
    const problem = await server.problem();
    const state = { ...server.started, problem, authMode: config.authMode, warnings: config.warnings };
    for (const line of startMessage(state)) {
      io.stdout(line);
    }
    if (!io.signal.aborted) await once(io.signal, 'abort');
    await server.stop();
    return 0;
  },
});

function defaultOf(row: VariableDefinition): string {
  const value = row.defaultText ?? (row.default === undefined ? 'unset' : String(row.default));
  return row.kind === 'integer' && row.unit !== undefined && row.defaultText === undefined
    ? `${value} ${row.unit}`
    : value;
}
