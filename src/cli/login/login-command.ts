import { command } from '../command.ts';
import { clouds } from './clouds.ts';

/** `ocp login`: a login for the CLI that OCP drives, of the operator or of a profile. */
export const loginCommand = command({
  summary: 'log in to Claude, for the operator or for a profile',
  description: [
    'Logs in the Claude CLI that OCP drives, and not another one that may be on the PATH. Without options it runs the CLI’s own ' +
      'login in this terminal: it opens a browser, or over SSH shows an address to open on any device.',
    'With --token it runs `claude setup-token` in this terminal and then asks for the token that the CLI has shown; it lasts a ' +
      'year. With --api-key it asks for an API key. Without a terminal both are read from the standard input. With --cloud or ' +
      '--env it takes the variables of a cloud from this shell.',
    'What is given to OCP is stored in OCP_HOME for its owner alone (0600), goes into the CLI’s environment and nowhere else, ' +
      'and is used from the next request on, also by a server that runs.',
  ],
  arguments: [
    { name: 'PROFILE', description: 'whose login it is; the operator’s own where none is named', optional: true },
  ],
  options: {
    token: {
      type: 'boolean',
      description: 'use a long-lived token (claude setup-token), for machines without a browser',
    },
    'api-key': { type: 'boolean', description: 'use an API key of the Claude Console, which is billed by use' },
    cloud: {
      type: 'string',
      value: 'CLOUD',
      choices: Object.keys(clouds),
      description: 'use Claude through this cloud, with its variables as this shell has them',
    },
    env: {
      type: 'string',
      value: 'NAME',
      multiple: true,
      description: 'use this variable of this shell too; may be given more than once',
    },
    forget: { type: 'boolean', description: 'remove what OCP has stored; the CLI’s own login stays' },
  },
  examples: [
    { line: 'ocp login', does: 'logs in with a browser, here or on another device' },
    { line: 'ocp login anna', does: 'logs in the profile anna, and makes it where it is missing' },
    { line: 'ocp login --token', does: 'makes and stores a token that lasts a year' },
    { line: 'ocp login --api-key < key.txt', does: 'reads the key from a file, without showing it' },
    { line: 'ocp login --cloud bedrock', does: 'uses Amazon Bedrock with the AWS variables of this shell' },
  ],
  run: async ({ options, words: [profile] }, context) => (await import('./login.ts')).login(profile, options, context),
});
