import { z } from 'zod';
import { settings as definitions } from '../../config/settings.ts';
import type { CommandContext } from '../command.ts';
import { CommandError, command } from '../command.ts';
import { clean } from '../output/clean.ts';
import { jsonOption, printJson } from '../output/json.ts';
import { painter } from '../output/paint.ts';
import { printTable } from '../output/table.ts';
import type { RemoteValues } from '../remote/options.ts';
import { remoteOptions } from '../remote/options.ts';
import { remoteServer } from '../remote/server.ts';

const setting = z.object({
  value: z.number().nullable(),
  min: z.number(),
  max: z.number(),
  unit: z.string(),
  desc: z.string(),
  source: z.string(),
  env: z.string(),
});
const settingsAnswer = z.record(z.string(), setting);
const changeAnswer = z.object({
  results: z.record(
    z.string(),
    z.union([
      z.object({ ok: z.literal(true), value: z.number().nullable(), note: z.string().optional() }),
      z.object({ error: z.string() }),
    ]),
  ),
});

type Values = RemoteValues & { readonly json?: boolean };

/** `ocp settings`. Contract: a table, or with a name and a value `✓ name = value` or `✗ reason`. */
export const settingsCommand = command({
  summary: 'show what can be changed while the server runs, or change it',
  description: ['Without words all settings, with a name that one; with a value it is changed at once, and kept.'],
  arguments: [
    { name: 'NAME', description: 'a setting', optional: true, choices: definitions.map(({ name }) => name) },
    { name: 'VALUE', description: 'its new value: a number, or default', optional: true },
  ],
  options: { ...remoteOptions, ...jsonOption },
  examples: [
    { line: 'ocp settings cacheTTL 300000', does: 'keeps whole answers for five minutes' },
    { line: 'ocp settings cacheTTL default', does: 'as it is without a change' },
  ],
  run: async ({ options, words: [name, value] }, context) =>
    value === undefined ? show(name, options, context) : change(name ?? '', value, options, context),
});

async function show(name: string | undefined, options: Values, context: CommandContext): Promise<number> {
  const { data, body } = await remoteServer(options, context).ask('/settings', settingsAnswer);
  const { io } = context;
  const rows = Object.entries(data).filter(([key]) => name === undefined || key === name);
  if (rows.length === 0) throw new CommandError(`the server has no setting ${JSON.stringify(name)}`);
  if (options.json === true) {
    printJson(io, name === undefined ? body : (body as Readonly<Record<string, unknown>>)[name]);
    return 0;
  }
  printTable(
    io,
    [
      { title: 'Setting' },
      { title: 'Value', align: 'right' },
      { title: 'Unit', drop: 3 },
      { title: 'Range', drop: 2 },
      { title: 'From', drop: 1 },
      { title: 'What it does', least: 16, drop: 4 },
    ],
    rows.map(([key, { value, unit, min, max, source, env, desc }]) => [
      key,
      value === null ? 'null' : String(value),
      unit,
      `${min}–${max}`,
      source === 'environment'
        ? env
        : source === 'database'
          ? 'changed'
          : source === 'runtime'
            ? 'until restart'
            : source,
      desc,
    ]),
  );
  return 0;
}

async function change(name: string, text: string, options: Values, context: CommandContext): Promise<number> {
  const value = text === 'default' || text === 'null' ? null : text.trim() === '' ? text : Number(text);
  const { data, body } = await remoteServer(options, context).ask('/settings', changeAnswer, {
    method: 'PATCH',
    // The server says of what is no number that it is none.
    body: { [name]: typeof value === 'number' && Number.isNaN(value) ? text : value },
    accept: [400],
  });
  const { io } = context;
  const result = data.results[name];
  const isDone = result !== undefined && 'ok' in result;
  if (options.json === true) printJson(io, body);
  else if (isDone) {
    const note = result.note === undefined ? '' : ` (${clean(result.note)})`;
    io.stdout(`${painter(io)('green', '✓')} ${name} = ${String(result.value)}${note}`);
  } else io.stderr(`${painter(io)('red', '✗')} ${clean(result?.error ?? 'the server said nothing of it')}`);
  return isDone ? 0 : 1;
}
