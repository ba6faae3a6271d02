import type { KeyPatch } from '../../http/admin/key-schemas.ts';
import type { CommandContext } from '../command.ts';
import { CommandError, UsageError, command } from '../command.ts';
import { clean } from '../output/clean.ts';
import { printFields } from '../output/fields.ts';
import { jsonOption, printJson } from '../output/json.ts';
import { painter } from '../output/paint.ts';
import { printTable } from '../output/table.ts';
import type { RemoteValues } from '../remote/options.ts';
import { remoteOptions } from '../remote/options.ts';
import type { Answer } from '../remote/server.ts';
import { remoteServer } from '../remote/server.ts';
import { changedKey, keyList, newKey, quotas, revokedKey } from './key-answers.ts';
import { limitOptions, propertyOptions } from './key-options.ts';
import { limitsPatch, parseSpan, propertiesPatch } from './key-patch.ts';
import { keyColumns, keyFields, keyRow } from './key-text.ts';

const keyName = { name: 'NAME', description: 'the name of the key, or its id' } as const;
const options = { ...remoteOptions, ...jsonOption };

type Values = RemoteValues & { readonly json?: boolean };

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
    run: async ({ options: values }, context) => list(values, context),
  },
  {
    list: command({
      summary: 'the keys, newest first',
      options,
      run: async ({ options: values }, context) => list(values, context),
    }),
    add: command({
      summary: 'make a key; it is shown this once',
      arguments: [{ name: 'NAME', description: 'a name for it: letters, digits, blanks, dots, _ and -' }],
      options: { ...options, ...propertyOptions, ...limitOptions },
      run: async ({ options: values, words: [name = ''] }, context) => add(name, values, context),
    }),
    show: command({
      summary: 'all about a key, with what it has used',
      arguments: [keyName],
      options,
      run: async ({ options: values, words: [name = ''] }, context) => show(name, values, context),
    }),
    limit: command({
      summary: 'change what a key may use',
      description: ['Changes the limits that are named; the others stay. none takes a limit away, 0 blocks the key.'],
      arguments: [keyName],
      options: { ...options, ...limitOptions },
      async run({ options: values, words: [name = ''] }, context) {
        const limits = limitsPatch(values);
        if (limits === undefined) throw new UsageError('no limit is named, such as --daily 50');
        return change(name, { limits }, values, context);
      },
    }),
    set: command({
      summary: 'change what else is said of a key',
      arguments: [keyName],
      options: { ...options, ...propertyOptions },
      async run({ options: values, words: [name = ''] }, context) {
        const patch = propertiesPatch(values, Date.now());
        if (Object.keys(patch).length === 0) throw new UsageError('nothing to change is named, such as --expires 30d');
        return change(name, patch, values, context);
      },
    }),
    rename: command({
      summary: 'give a key another name; its usage goes with it',
      arguments: [keyName, { name: 'NEW', description: 'its new name' }],
      options,
      run: async ({ options: values, words: [name = '', renamed = ''] }, context) =>
        change(name, { name: renamed }, values, context),
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
      async run({ options: values, words: [name = ''] }, context) {
        const overlapMs = values.overlap === undefined ? 0 : parseSpan(values.overlap);
        if (overlapMs === undefined) throw new UsageError('--overlap must be a time such as 90m, 12h or 7d');
        const path = `${pathOf(name)}/rotate`;
        const answer = await remoteServer(values, context).ask(path, newKey, { method: 'POST', body: { overlapMs } });
        const old =
          overlapMs === 0 ? 'The old one no longer works.' : `The old one works for another ${values.overlap ?? ''}.`;
        return shownOnce(`Key rotated for "${answer.data.name}". ${old}`, answer, values, context);
      },
    }),
    enable: command({
      summary: 'let a key that was disabled work again',
      arguments: [keyName],
      options,
      run: async ({ options: values, words: [name = ''] }, context) => change(name, { enabled: true }, values, context),
    }),
    disable: command({
      summary: 'let a key rest until it is enabled again',
      arguments: [keyName],
      options,
      run: async ({ options: values, words: [name = ''] }, context) =>
        change(name, { enabled: false }, values, context),
    }),
    revoke: command({
      summary: 'end a key for good',
      arguments: [keyName],
      options,
      run: async ({ options: values, words: [name = ''] }, context) => revoke(name, values, context),
    }),
  },
);

async function list(values: Values, context: CommandContext): Promise<number> {
  const { data, body } = await remoteServer(values, context).ask('/api/keys', keyList);
  const { io } = context;
  if (values.json === true) printJson(io, body);
  else if (data.keys.length === 0) io.stdout('There are no keys. ocp keys add NAME makes one.');
  else {
    const now = Date.now();
    const rows = data.keys.map((key) => keyRow(key, now));
    // A column in which nothing stands, or the usual, tells nothing.
    const shown = keyColumns.map(
      ({ title }, index) =>
        (title !== 'Limits' || rows.some((row) => row[index] !== '')) &&
        (title !== 'Profile' || data.keys.some(({ profile }) => profile !== 'default')),
    );
    printTable(
      io,
      keyColumns.filter((_, index) => shown[index]),
      rows.map((row) => row.filter((_, index) => shown[index])),
    );
  }
  return 0;
}

async function add(
  name: string,
  values: Values & Parameters<typeof limitsPatch>[0] & Parameters<typeof propertiesPatch>[0],
  context: CommandContext,
): Promise<number> {
  const limits = limitsPatch(values);
  const body = { name, ...propertiesPatch(values, Date.now()), ...(limits === undefined ? {} : { limits }) };
  const answer = await remoteServer(values, context).ask('/api/keys', newKey, { method: 'POST', body });
  return shownOnce(`Key created for "${answer.data.name}"`, answer, values, context);
}

function shownOnce(
  done: string,
  { data, body }: Answer<{ readonly key: string; readonly name: string }>,
  values: Values,
  { io }: CommandContext,
): number {
  if (values.json === true) {
    printJson(io, body);
    return 0;
  }
  const paint = painter(io);
  io.stdout(`${paint('green', '✓')} ${clean(done)}`);
  io.stdout('');
  io.stdout(`  API Key: ${paint('bold', clean(data.key))}`);
  io.stdout('');
  io.stdout("  Copy this key now: you won't see it again.");
  return 0;
}

async function show(name: string, values: Values, context: CommandContext): Promise<number> {
  const remote = remoteServer(values, context);
  const path = pathOf(name);
  const used = await remote.ask(`${path}/quota`, quotas);
  const { data, body } = await remote.ask('/api/keys', keyList);
  const index = data.keys.findIndex(({ id }) => id === used.data.keyId);
  const key = data.keys[index];
  if (key === undefined) throw new CommandError(`there is no key ${JSON.stringify(name)}; ocp keys lists them`);
  if (values.json === true) {
    const raw = (body as { readonly keys: readonly Readonly<Record<string, unknown>>[] }).keys[index];
    printJson(context.io, { ...raw, quota: used.data.quota });
  } else printFields(context.io, keyFields(key, used.data.quota, Date.now()));
  return 0;
}

async function change(name: string, patch: KeyPatch, values: Values, context: CommandContext): Promise<number> {
  const path = pathOf(name);
  const { data, body } = await remoteServer(values, context).ask(path, changedKey, { method: 'PATCH', body: patch });
  const { io } = context;
  if (values.json === true) {
    printJson(io, body);
    return 0;
  }
  io.stdout(`${painter(io)('green', '✓')} ${clean(data.key.name)}`);
  printFields(io, keyFields(data.key, undefined, Date.now()), 2);
  return 0;
}

async function revoke(name: string, values: Values, context: CommandContext): Promise<number> {
  const path = pathOf(name);
  const { data, body } = await remoteServer(values, context).ask(path, revokedKey, { method: 'DELETE' });
  const { io } = context;
  if (values.json === true) printJson(io, body);
  else if (data.revoked) io.stdout(`${painter(io)('green', '✓')} Revoked: ${clean(name)}`);
  if (data.revoked) return 0;
  if (values.json !== true)
    throw new CommandError(`there is no active key ${JSON.stringify(clean(name))}; ocp keys lists them`);
  return 1;
}

/** Where a key lies. Raises CommandError for what can be no key, and would lead to another address. */
function pathOf(name: string): string {
  if (name === '' || name === '.' || name === '..') {
    throw new CommandError(`there is no key ${JSON.stringify(name)}; ocp keys lists them`);
  }
  return `/api/keys/${encodeURIComponent(name)}`;
}
