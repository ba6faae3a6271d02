import { localProvider } from '../connect/local-provider.ts';
import { command, UsageError } from './command.ts';

const openClawCommand = command({
  summary: "bring OpenClaw's list of OCP's models up to date",
  description: [
    'Makes the models of the provider in openclaw.json, and their short names, those of models.json. Nothing else in the file ' +
      'is touched, and a copy of it is kept beside it first. Does nothing where there is no OpenClaw, or nothing to do.',
  ],
  options: {
    quiet: { type: 'boolean', description: 'print only what was changed' },
    'dry-run': { type: 'boolean', description: 'show what would be changed; change nothing' },
    'provider-name': { type: 'string', value: 'NAME', description: `the provider (${localProvider})` },
  },
  run: async (input, context) => (await import('./sync.ts')).syncModels(input.options, context),
});

/** `ocp sync`: keeps what other programs know of OCP in step with it. */
export const syncCommand = command(
  {
    summary: 'bring what other programs know of OCP up to date',
    run: async () => {
      throw new UsageError('what is to be brought up to date? ocp sync openclaw');
    },
  },
  { openclaw: openClawCommand },
);
