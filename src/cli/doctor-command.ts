import { command } from './command.ts';
import { jsonOption } from './output/json.ts';

/** `ocp doctor`. Contract: `doctor` in section "CLI" of OCP's contract. */
export const doctorCommand = command({
  summary: 'look for everything that can go wrong between a client and Claude, and say what to do',
  description: [
    'Looks at the installation, the service, the server, the configuration, the files, the Claude CLI and its logins, the plan ' +
      'and the network, and says for each what is wrong, why, and what to do on this machine. It changes nothing unless --fix is ' +
      'given, and asks Claude nothing unless --turn is. Ends with 1 when something has failed.',
    'For an AI assistant: "Run `ocp doctor --json` and follow its next_action; ask me about what stands in human_required."',
  ],
  options: {
    ...jsonOption,
    check: { type: 'string', value: 'ID', multiple: true, description: 'look at this only (an id, or how it begins)' },
    fix: { type: 'boolean', description: 'mend what can be mended without losing anything, and look again' },
    turn: { type: 'boolean', description: 'also ask Claude a small question through the running server' },
  },
  examples: [
    {
      line: 'ocp doctor --fix',
      does: 'mends file modes, leftovers, old units, a missing admin key, a stopped service',
    },
    { line: 'ocp doctor --check oauth --json', does: 'whether Claude is logged in, for programs' },
    { line: 'ocp doctor --turn', does: 'the whole way, with a real answer' },
  ],
  run: async ({ options }, context) => (await import('./doctor.ts')).examine(options, context),
});
