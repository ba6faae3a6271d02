import { z } from 'zod';
import type { CommandContext } from '../command.ts';
import { clean } from '../output/clean.ts';
import { countText } from '../output/format.ts';
import { printJson } from '../output/json.ts';
import { printTable } from '../output/table.ts';
import type { AskValues } from '../remote/options.ts';
import { remoteServer } from '../remote/server.ts';

/** What commands use of the list of models. */
export const modelList = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      display_name: z.string().optional(),
      max_input_tokens: z.number().nullable().optional(),
      max_tokens: z.number().nullable().optional(),
    }),
  ),
});

/** `ocp models`. Contract: the ids; at a terminal with what is known of each. */
export async function showModels(options: AskValues, context: CommandContext): Promise<number> {
  const { io } = context;
  const { data, body } = await remoteServer(options, context).ask('/v1/models', modelList);
  if (options.json === true) printJson(io, body);
  else if (io.terminal === undefined) for (const { id } of data.data) io.stdout(clean(id));
  else {
    printTable(
      io,
      [
        { title: 'Model' },
        { title: 'Name', drop: 1 },
        { title: 'Context', align: 'right', drop: 3 },
        { title: 'Longest answer', align: 'right', drop: 2 },
      ],
      data.data.map((model) => [
        model.id,
        model.display_name ?? '',
        tokens(model.max_input_tokens),
        tokens(model.max_tokens),
      ]),
    );
  }
  return 0;
}

function tokens(count: number | null | undefined): string {
  return count === null || count === undefined ? '–' : countText(count);
}
