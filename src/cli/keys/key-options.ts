import type { OptionDefinitions, OptionValues } from '../command.ts';

/** What a key may use, as options: requests, tokens and money by day, week and month; requests a minute; turns at once. */
export const limitOptions = {
  daily: { type: 'string', value: 'N', description: 'most requests a day (UTC); none takes a limit away' },
  weekly: { type: 'string', value: 'N', description: 'most requests in 7 days' },
  monthly: { type: 'string', value: 'N', description: 'most requests in 30 days' },
  'tokens-daily': { type: 'string', value: 'N', description: 'most tokens a day, such as 500K or 2M' },
  'tokens-weekly': { type: 'string', value: 'N', description: 'most tokens in 7 days' },
  'tokens-monthly': { type: 'string', value: 'N', description: 'most tokens in 30 days' },
  'usd-daily': { type: 'string', value: 'USD', description: 'most dollars a day, at list price' },
  'usd-weekly': { type: 'string', value: 'USD', description: 'most dollars in 7 days' },
  'usd-monthly': { type: 'string', value: 'USD', description: 'most dollars in 30 days' },
  'per-minute': { type: 'string', value: 'N', description: 'most requests a minute' },
  concurrent: { type: 'string', value: 'N', description: 'most turns at the same time' },
} as const satisfies OptionDefinitions;

/** What else can be said of a key. */
export const propertyOptions = {
  expires: {
    type: 'string',
    value: 'WHEN',
    description: 'until when it works: 30d, 12h, a day such as 2027-01-31 (to its end), a time, or never',
  },
  models: { type: 'string', value: 'LIST', description: 'the only models it may use, separated by commas, or all' },
  'default-model': {
    type: 'string',
    value: 'MODEL',
    known: 'models',
    description: "model of requests that name none, or none for the server's",
  },
  profile: { type: 'string', value: 'NAME', description: 'the Claude login that serves it (ocp profiles)' },
  note: { type: 'string', value: 'TEXT', description: 'a note for you' },
  'server-tools': {
    type: 'string',
    choices: ['on', 'off'],
    value: 'on|off',
    description: 'whether the tools of CLAUDE_ALLOWED_TOOLS may run on the server for it',
  },
} as const satisfies OptionDefinitions;

export type LimitValues = OptionValues<typeof limitOptions>;
export type PropertyValues = OptionValues<typeof propertyOptions>;
