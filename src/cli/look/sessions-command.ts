import { command } from '../command.ts';
import { jsonOption } from '../output/json.ts';
import { remoteOptions } from '../remote/options.ts';

/** `ocp sessions`: conversations that clients named. */
export const sessionsCommand = command({
  summary: 'the conversations that clients gave a name',
  options: { ...remoteOptions, ...jsonOption },
  run: async (input, context) => (await import('./sessions.ts')).showSessions(input.options, context),
});

/** `ocp clear`. Contract: `Cleared N sessions.` */
export const clearCommand = command({
  summary: 'forget every named conversation, and end the workers that wait',
  options: { ...remoteOptions, ...jsonOption },
  run: async (input, context) => (await import('./sessions.ts')).clearSessions(input.options, context),
});
