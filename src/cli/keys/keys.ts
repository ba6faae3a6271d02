import type { KeyPatch } from '../../http/admin/key-schemas.ts';
import type { CommandContext } from '../command.ts';
import { CommandError, UsageError } from '../command.ts';
import { clean } from '../output/clean.ts';
import { printFields } from '../output/fields.ts';
import { printJson } from '../output/json.ts';
import { painter } from '../output/paint.ts';
import { printTable } from '../output/table.ts';
import type { AskValues } from '../remote/options.ts';
import type { Answer } from '../remote/server.ts';
import { remoteServer } from '../remote/server.ts';
import { changedKey, keyList, newKey, quotas, revokedKey } from './key-answers.ts';
import type { LimitValues, PropertyValues } from './key-options.ts';
import { limitsPatch, parseSpan, propertiesPatch } from './key-patch.ts';
import { keyColumns, keyFields, keyRow } from './key-text.ts';

/** `ocp keys`. */
export async function listKeys(values: AskValues, context: CommandContext): Promise<number> {
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

/** `ocp keys add`. */
export async function addKey(
  name: string,
  values: AskValues & LimitValues & PropertyValues,
  context: CommandContext,
): Promise<number> {
  const limits = limitsPatch(values);
  const body = { name, ...propertiesPatch(values, Date.now()), ...(limits === undefined ? {} : { limits }) };
  const answer = await remoteServer(values, context).ask('/api/keys', newKey, { method: 'POST', body });
  return shownOnce(`Key created for "${answer.data.name}"`, answer, values, context);
}

/** `ocp keys limit`. */
export async function limitKey(
  name: string,
  values: AskValues & LimitValues,
  context: CommandContext,
): Promise<number> {
  const limits = limitsPatch(values);
  if (limits === undefined) throw new UsageError('no limit is named, such as --daily 50');
  return changeKey(name, { limits }, values, context);
}

/** `ocp keys set`. */
export async function setKey(
  name: string,
  values: AskValues & PropertyValues,
  context: CommandContext,
): Promise<number> {
  const patch = propertiesPatch(values, Date.now());
  if (Object.keys(patch).length === 0) throw new UsageError('nothing to change is named, such as --expires 30d');
  return changeKey(name, patch, values, context);
}

/** `ocp keys rotate`. */
export async function rotateKey(
  name: string,
  values: AskValues & { readonly overlap?: string },
  context: CommandContext,
): Promise<number> {
  const overlapMs = values.overlap === undefined ? 0 : parseSpan(values.overlap);
  if (overlapMs === undefined) throw new UsageError('--overlap must be a time such as 90m, 12h or 7d');
  const path = `${pathOf(name)}/rotate`;
  const answer = await remoteServer(values, context).ask(path, newKey, { method: 'POST', body: { overlapMs } });
  const old =
    overlapMs === 0 ? 'The old one no longer works.' : `The old one works for another ${values.overlap ?? ''}.`;
  return shownOnce(`Key rotated for "${answer.data.name}". ${old}`, answer, values, context);
}

function shownOnce(
  done: string,
  { data, body }: Answer<{ readonly key: string; readonly name: string }>,
  values: AskValues,
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

/** `ocp keys show`. */
export async function showKey(name: string, values: AskValues, context: CommandContext): Promise<number> {
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

/** Changes what is named; the rest stays. */
export async function changeKey(
  name: string,
  patch: KeyPatch,
  values: AskValues,
  context: CommandContext,
): Promise<number> {
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

/** `ocp keys revoke`. */
export async function revokeKey(name: string, values: AskValues, context: CommandContext): Promise<number> {
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
