import { z } from 'zod';
import type { CommandContext } from '../command.ts';
import { UsageError } from '../command.ts';
import { timeText } from '../output/format.ts';
import { printJson } from '../output/json.ts';
import { painter } from '../output/paint.ts';
import { printTable } from '../output/table.ts';
import type { AskValues } from '../remote/options.ts';
import { remoteServer } from '../remote/server.ts';

const pageAnswer = z.object({
  entries: z.array(
    z.object({
      id: z.number(),
      at: z.string(),
      actor: z.string(),
      action: z.string(),
      target: z.string(),
      after: z.unknown(),
      address: z.string().nullable(),
    }),
  ),
  next: z.number().nullable(),
});
const checkAnswer = z.object({ ok: z.boolean(), entries: z.number(), brokenAt: z.number().nullable() });

/** `ocp audit`. */
export async function showAudit(
  values: AskValues & { readonly limit?: string; readonly before?: string },
  context: CommandContext,
): Promise<number> {
  const { io } = context;
  const limit = wholeNumber('limit', values.limit ?? '20', 1, 500);
  const before = values.before === undefined ? '' : `&before=${wholeNumber('before', values.before, 1, 1e15)}`;
  const { data, body } = await remoteServer(values, context).ask(`/api/audit?limit=${limit}${before}`, pageAnswer);
  if (values.json === true) {
    printJson(io, body);
    return 0;
  }
  printTable(
    io,
    [
      { title: 'Id', align: 'right', drop: 3 },
      { title: 'When', drop: 2 },
      { title: 'Who', least: 6 },
      { title: 'What', least: 10 },
      { title: 'Of', least: 10 },
      { title: 'From', drop: 4 },
      { title: 'Now', least: 12, drop: 5 },
    ],
    data.entries.map(({ id, at, actor, action, target, address, after }) => [
      String(id),
      timeText(at),
      actor,
      action,
      target,
      address ?? '',
      after === null || after === undefined ? '' : JSON.stringify(after),
    ]),
  );
  if (data.next !== null) io.stdout(`Further entries: ocp audit --before ${data.next}`);
  return 0;
}

/** `ocp audit verify`. */
export async function verifyAudit(values: AskValues, context: CommandContext): Promise<number> {
  const { io } = context;
  const { data, body } = await remoteServer(values, context).ask('/api/audit/verify', checkAnswer);
  const paint = painter(io);
  if (values.json === true) printJson(io, body);
  else if (data.ok) io.stdout(`${paint('green', '✓')} ${data.entries} entries, none changed or taken out`);
  else io.stdout(`${paint('red', '✗')} the audit log was changed: entry ${String(data.brokenAt)} does not fit`);
  return data.ok ? 0 : 1;
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = /^\d{1,15}$/u.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`--${name} is ${JSON.stringify(text)}, but must be a whole number from ${min} to ${max}`);
}
