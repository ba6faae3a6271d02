import { settings as definitions } from '../../config/settings.ts';
import { command } from '../command.ts';
import { jsonOption } from '../output/json.ts';
import { remoteOptions } from '../remote/options.ts';

/** `ocp settings`. Contract: a table, or with a name and a value `✓ name = value` or `✗ reason`. */
export const settingsCommand = command({
  summary: 'show what can be changed while the server runs, or change it',
  description: [
    'Without a name it lists all settings, with a name that one; with a value it changes it at once, and keeps it.',
  ],
  arguments: [
    { name: 'NAME', description: 'a setting', optional: true, choices: definitions.map(({ name }) => name) },
    { name: 'VALUE', description: 'its new value: a number, a time such as 5m or 1h30m, or default', optional: true },
  ],
  options: { ...remoteOptions, ...jsonOption },
  examples: [
    { line: 'ocp settings cacheTTL 5m', does: 'keeps whole answers for five minutes' },
    { line: 'ocp settings cacheTTL default', does: 'goes back to the value without a change' },
  ],
  run: async ({ options, words: [name, value] }, context) => {
    const { changeSetting, showSettings } = await import('./settings.ts');
    return value === undefined
      ? showSettings(name, options, context)
      : changeSetting(name ?? '', value, options, context);
  },
});
