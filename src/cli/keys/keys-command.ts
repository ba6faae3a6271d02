import { command } from '../command.ts';
import { jsonOption } from '../output/json.ts';
import { remoteOptions } from '../remote/options.ts';
import { limitOptions, propertyOptions } from './key-options.ts';

const keyName = { name: 'NAME', description: 'the name of the key, or its id', known: 'keys' } as const;
const options = { ...remoteOptions, ...jsonOption };

/** `ocp keys`: a key for each person. Contract: the rows "keys" of the command line, and what OCP adds. */
export const keysCommand = command(
  {
    summary: 'list, make, change and revoke the keys of those who may use this OCP',
    description: [
      'Each person or device gets a key of their own, with its limits (auth mode multi). Without a further word: the list.',
    ],
    options,
    examples: [
      { line: 'ocp keys add laptop', does: 'makes a key and shows it, this once' },
      { line: 'ocp keys limit laptop --daily 50', does: 'at most 50 requests a day' },
      { line: 'ocp keys limit laptop --daily none', does: 'takes that limit away' },
    ],
    run: async ({ options: values }, context) => (await import('./keys.ts')).listKeys(values, context),
  },
  {
    list: command({
      summary: 'the keys, newest first',
      options,
      run: async ({ options: values }, context) => (await import('./keys.ts')).listKeys(values, context),
    }),
    add: command({
      summary: 'make a key; it is shown this once',
      arguments: [{ name: 'NAME', description: 'a name for it: letters, digits, blanks, dots, _ and -' }],
      options: { ...options, ...propertyOptions, ...limitOptions },
      run: async ({ options: values, words: [name = ''] }, context) =>
        (await import('./keys.ts')).addKey(name, values, context),
    }),
    show: command({
      summary: 'all about a key, with what it has used',
      arguments: [keyName],
      options,
      run: async ({ options: values, words: [name = ''] }, context) =>
        (await import('./keys.ts')).showKey(name, values, context),
    }),
    limit: command({
      summary: 'change what a key may use',
      description: ['Changes the limits that are named; the others stay. none takes a limit away, 0 blocks the key.'],
      arguments: [keyName],
      options: { ...options, ...limitOptions },
      run: async ({ options: values, words: [name = ''] }, context) =>
        (await import('./keys.ts')).limitKey(name, values, context),
    }),
    set: command({
      summary: 'change what else is said of a key',
      arguments: [keyName],
      options: { ...options, ...propertyOptions },
      run: async ({ options: values, words: [name = ''] }, context) =>
        (await import('./keys.ts')).setKey(name, values, context),
    }),
    rename: command({
      summary: 'give a key another name; its usage goes with it',
      arguments: [keyName, { name: 'NEW', description: 'its new name' }],
      options,
      run: async ({ options: values, words: [name = '', renamed = ''] }, context) =>
        (await import('./keys.ts')).changeKey(name, { name: renamed }, values, context),
    }),
    rotate: command({
      summary: 'give a key a new text, which is shown this once',
      arguments: [keyName],
      options: {
        ...options,
        overlap: {
          type: 'string',
          value: 'TIME',
          description: 'how long the old text goes on to work: such as 90m, 12h or 7d (not at all)',
        },
      },
      run: async ({ options: values, words: [name = ''] }, context) =>
        (await import('./keys.ts')).rotateKey(name, values, context),
    }),
    enable: command({
      summary: 'let a key that was disabled work again',
      arguments: [keyName],
      options,
      run: async ({ options: values, words: [name = ''] }, context) =>
        (await import('./keys.ts')).changeKey(name, { enabled: true }, values, context),
    }),
    disable: command({
      summary: 'let a key rest until it is enabled again',
      arguments: [keyName],
      options,
      run: async ({ options: values, words: [name = ''] }, context) =>
        (await import('./keys.ts')).changeKey(name, { enabled: false }, values, context),
    }),
    revoke: command({
      summary: 'end a key for good',
      arguments: [keyName],
      options,
      run: async ({ options: values, words: [name = ''] }, context) =>
        (await import('./keys.ts')).revokeKey(name, values, context),
    }),
  },
);
