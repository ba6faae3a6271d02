import { connectHost, connectOptions, connectSummary } from '../connect/options.ts';
import { command } from './command.ts';

/** `ocp connect`: the tools of this machine use the OCP of this machine, or of another. */
export const connectCommand = command({
  summary: connectSummary,
  description: [
    'Looks for the server, sets OPENAI_BASE_URL and OPENAI_API_KEY for shells and graphical programs, and writes the ' +
      'settings of every tool that it finds here. The models come from the server. What is set by hand is shown with the ' +
      'values to enter.',
    'Every file is copied before its first change; comments, order and what else stands in it are kept. --undo puts back ' +
      'what was there.',
  ],
  examples: [
    { line: 'ocp connect', does: 'use the server on this machine' },
    { line: 'ocp connect 192.168.1.100 --key ocp_…', does: 'use the server of another machine' },
    { line: 'ocp connect --dry-run --only opencode,codex', does: 'show what would change in the files of two tools' },
    { line: 'ocp connect --undo', does: 'put everything back' },
  ],
  arguments: [connectHost],
  options: connectOptions,
  run: async ({ options, words }, context) => (await import('./connect.ts')).connect(words[0], options, context),
});
