import { command } from '../command.ts';
import { jsonOption } from '../output/json.ts';
import { remoteOptions } from '../remote/options.ts';
import { levels, MOST } from './log-levels.ts';

/** `ocp logs`. Contract: the newest 20 lines of level `error`, as `ts | LEVEL | event | …`. */
export const logsCommand = command({
  summary: "the newest lines of the server's log",
  description: [
    "The newest lines of the server's log, oldest first; with -f also those that come. Where this machine's server does not " +
      'run, its log file is read.',
  ],
  arguments: [
    { name: 'N', description: `how many lines, 1 to ${MOST} (20)`, optional: true },
    { name: 'LEVEL', description: 'lines of this level alone (error)', optional: true, choices: levels },
  ],
  options: {
    ...remoteOptions,
    ...jsonOption,
    follow: { type: 'boolean', short: 'f', description: 'go on with the lines that come, until Ctrl+C' },
  },
  examples: [
    { line: 'ocp logs 50 all', does: 'the last 50 lines, whatever their level' },
    { line: 'ocp logs -f all', does: 'the last 20, and then each as it comes' },
  ],
  run: async (input, context) => (await import('./logs.ts')).showLogs(input.options, input.words, context),
});
