import type { OptionDefinitions, OptionValues } from '../command.ts';
import { jsonOption } from '../output/json.ts';
import { remoteOptions } from '../remote/options.ts';

/** The options of `ocp usage`. */
export const usageOptions = {
  ...remoteOptions,
  ...jsonOption,
  'by-key': { type: 'boolean', description: 'what each key used, in the last 24 hours unless told otherwise' },
  all: { type: 'boolean', description: 'everything: the plan, models, keys, hours and the newest requests' },
  hours: {
    type: 'string',
    value: 'N',
    description: 'of the last N hours, at most 720; as all that follow with --by-key',
  },
  since: { type: 'string', value: 'TIME', description: 'from then on: 2026-11-22, or with a time in ISO 8601 (UTC)' },
  until: { type: 'string', value: 'TIME', description: 'up to then' },
  csv: { type: 'boolean', description: 'each request as a line of CSV' },
  profile: { type: 'string', value: 'NAME', description: 'the plan of this login (default)' },
  watch: { type: 'boolean', short: 'w', description: 'show it again and again, until Ctrl+C' },
  interval: { type: 'string', value: 'SECONDS', description: 'how often --watch does (5)' },
} as const satisfies OptionDefinitions;

export type UsageValues = OptionValues<typeof usageOptions>;
