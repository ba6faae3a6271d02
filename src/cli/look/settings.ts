import { z } from 'zod';
import type { CommandContext } from '../command.ts';
import { CommandError } from '../command.ts';
import { clean } from '../output/clean.ts';
import { printJson } from '../output/json.ts';
import { painter } from '../output/paint.ts';
import { printTable } from '../output/table.ts';
import type { AskValues } from '../remote/options.ts';
import { remoteServer } from '../remote/server.ts';

const setting = z.object({
  value: z.number().nullable(),
  text: z.string().nullable().optional(),
  range: z.string(),
  unit: z.string(),
  desc: z.string(),
  source: z.string(),
  env: z.string(),
});
const settingsAnswer = z.record(z.string(), setting);
const changeAnswer = z.object({
  current: settingsAnswer,
  results: z.record(
    z.string(),
    z.union([
      z.object({ ok: z.literal(true), value: z.number().nullable(), note: z.string().optional() }),
      z.object({ error: z.string() }),
    ]),
  ),
});

/** `ocp settings`, of all or of the one that is named. */
export async function showSettings(
  name: string | undefined,
  options: AskValues,
  context: CommandContext,
): Promise<number> {
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
    rows.map(([key, { value, text, range, unit, source, env, desc }]) => [
      key,
      text ?? (value === null ? 'null' : String(value)),
      unit === 'ms' ? '' : unit,
      range.replace(' to ', '–'),
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

/** `ocp settings NAME VALUE`. */
export async function changeSetting(
  name: string,
  text: string,
  options: AskValues,
  context: CommandContext,
): Promise<number> {
  const value = text === 'default' || text === 'null' ? null : text.trim() === '' ? text : Number(text);
  const { data, body } = await remoteServer(options, context).ask('/settings', changeAnswer, {
    method: 'PATCH',
    // A duration such as 5m; the server says what is wrong with anything else.
    body: { [name]: typeof value === 'number' && Number.isNaN(value) ? text : value },
    accept: [400],
  });
  const { io } = context;
  const result = data.results[name];
  const isDone = result !== undefined && 'ok' in result;
  if (options.json === true) printJson(io, body);
  else if (isDone) {
    const note = result.note === undefined ? '' : ` (${clean(result.note)})`;
    const shown = data.current[name]?.text ?? String(result.value);
    io.stdout(`${painter(io)('green', '✓')} ${name} = ${clean(shown)}${note}`);
  } else io.stderr(`${painter(io)('red', '✗')} ${clean(result?.error ?? 'the server said nothing of it')}`);
  return isDone ? 0 : 1;
}
