import { once } from 'node:events';
import { homedir, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { readAdminKeyFile } from '../config/admin-key.ts';
import { readConfig } from '../config/config.ts';
import { variables } from '../config/variables.ts';
import type { VariableDefinition } from '../config/variables.ts';
import type { Command } from './command.ts';
import { startMessage } from './start-message.ts';

/** `ocp serve`: the server, in the foreground. */
export const serveCommand: Command = {
  summary: 'run the server in the foreground; configured by environment variables',
  async run(argv, { env, packageRoot, io }) {
    const { values } = parseArgs({ args: [...argv], options: { help: { type: 'boolean', short: 'h' } } });
    if (values.help === true) {
      for (const line of helpLines()) io.stdout(line);
      return 0;
    }
    const config = readConfig(env, {
      home: env['HOME'] ?? homedir(),
      totalMemory: totalmem(),
      readAdminKey: readAdminKeyFile,
    });
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
};

function helpLines(): string[] {
  const rows = variables as readonly VariableDefinition[];
  return [
    'Usage: ocp serve',
    '',
    'Runs the server until it is told to stop. These environment variables configure it:',
    ...rows.flatMap((row) => ['', `  ${row.name} (${defaultOf(row)})`, `      ${row.description}`]),
  ];
}

function defaultOf(row: VariableDefinition): string {
  const value = row.defaultText ?? (row.default === undefined ? 'unset' : String(row.default));
  return row.kind === 'integer' && row.unit !== undefined && row.defaultText === undefined
    ? `${value} ${row.unit}`
    : value;
}
