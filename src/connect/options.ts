import { apis } from './api.ts';

/** The options of `ocp connect`, for the command on the server and for the program on client machines. */
export const connectOptions = {
  port: { type: 'string', value: 'N', description: 'port of the server, unless the address names it; 3456 otherwise' },
  key: { type: 'string', value: 'KEY', description: 'the key that the server asks for; OCP_KEY is read too' },
  yes: { type: 'boolean', short: 'y', description: 'take every default without asking' },
  list: { type: 'boolean', description: 'show which tools are here and what would be done; change nothing' },
  'dry-run': { type: 'boolean', description: 'show every change as a diff; change nothing' },
  only: { type: 'string', value: 'A,B', description: 'only these tools, or shell for the environment' },
  api: { type: 'string', choices: apis, description: 'the API for tools that can speak several' },
  backup: { type: 'boolean', description: "add OCP beside each tool's present model instead of making it the default" },
  'anthropic-env': {
    type: 'boolean',
    description: 'also set ANTHROPIC_BASE_URL and ANTHROPIC_AUTH_TOKEN, which Claude Code and others follow',
  },
  undo: { type: 'boolean', description: 'put back what was there before' },
  verify: { type: 'boolean', description: 'ask for an answer by every API that the connected tools use' },
  json: { type: 'boolean', description: 'print the result as JSON' },
} as const;

export const connectSummary = 'make the tools on this machine use OCP';

export const connectHost = {
  name: 'HOST',
  description: 'name, address or URL of the server; without it the one on this machine',
  optional: true,
} as const;
