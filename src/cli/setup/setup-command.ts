import { localProvider } from '../../connect/local-provider.ts';
import { command } from '../command.ts';
import { usualModel } from './usual-model.ts';

/** `ocp setup`. */
export const setupCommand = command({
  summary: 'install OCP on this machine: configuration, admin key, service, and a first answer',
  description: [
    'Checks Node, the Claude CLI and its login, the port and the disk; writes config.json and the admin key; installs and starts ' +
      'the service; makes the command ocp callable; and asks Claude for one word through the running server. On a terminal it asks ' +
      'what it needs to know. Run again, it changes only what an option names, or a variable that is set.',
  ],
  options: {
    port: { type: 'string', value: 'N', description: 'port to listen on' },
    bind: {
      type: 'string',
      value: 'ADDRESS',
      description: 'address to listen on; 0.0.0.0 opens OCP to the local network',
    },
    'auth-mode': { type: 'string', value: 'MODE', choices: ['none', 'shared', 'multi'], description: 'who may call' },
    'claude-bin': { type: 'string', value: 'FILE', description: 'the Claude CLI to drive' },
    'provider-name': { type: 'string', value: 'NAME', description: `what OpenClaw calls OCP (${localProvider})` },
    'default-model': {
      type: 'string',
      value: 'MODEL',
      known: 'models',
      choices: ['opus', 'sonnet', 'haiku'],
      description: `the model that OpenClaw uses where none is chosen (${usualModel})`,
    },
    'no-service': { type: 'boolean', description: 'install no service: the server runs by ocp serve' },
    'no-start': { type: 'boolean', description: 'install the service, but do not start it' },
    'dry-run': { type: 'boolean', description: 'show every file and command, and touch nothing' },
    yes: { type: 'boolean', short: 'y', description: 'ask nothing, and do what would be offered' },
  },
  examples: [
    { line: 'ocp setup', does: 'for programs on this machine' },
    { line: 'ocp setup --bind 0.0.0.0 --auth-mode multi', does: 'for several people on the network, with a key each' },
    { line: 'ocp setup --port 4000', does: 'changes the port, and nothing else' },
  ],
  run: async (input, context) => (await import('./setup.ts')).runSetup(input.options, context),
});
