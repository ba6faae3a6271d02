import { z } from 'zod';
import type { CommandContext } from '../command.ts';
import { printFields } from '../output/fields.ts';
import { bytesText, countText } from '../output/format.ts';
import { printJson } from '../output/json.ts';
import type { AskValues } from '../remote/options.ts';
import { remoteServer } from '../remote/server.ts';

const count = z.number();
const statsAnswer = z.object({
  entries: count,
  totalHits: count,
  sizeBytes: count,
  inflight: count,
  requesters: count,
});
const clearedAnswer = z.object({ cleared: count });

/** `ocp cache`. */
export async function showCache(values: AskValues, context: CommandContext): Promise<number> {
  const { io } = context;
  const { data, body } = await remoteServer(values, context).ask('/cache/stats', statsAnswer);
  if (values.json === true) printJson(io, body);
  else {
    printFields(io, [
      ['Answers', countText(data.entries)],
      ['Size', bytesText(data.sizeBytes)],
      ['Hits', countText(data.totalHits)],
      ['In the making', `${countText(data.inflight)}, for ${countText(data.requesters)} requests`],
    ]);
  }
  return 0;
}

/** `ocp cache clear`. */
export async function clearCache(values: AskValues, context: CommandContext): Promise<number> {
  const { data, body } = await remoteServer(values, context).ask('/cache', clearedAnswer, { method: 'DELETE' });
  if (values.json === true) printJson(context.io, body);
  else context.io.stdout(`Cleared ${data.cleared} answers.`);
  return 0;
}
