import { z } from 'zod';
import { command } from '../command.ts';
import { printFields } from '../output/fields.ts';
import { bytesText, countText } from '../output/format.ts';
import { jsonOption, printJson } from '../output/json.ts';
import { remoteOptions } from '../remote/options.ts';
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
const options = { ...remoteOptions, ...jsonOption };

/** `ocp cache`: what the response cache holds; `ocp cache clear` forgets it. */
export const cacheCommand = command(
  {
    summary: 'what the response cache holds; clear forgets it',
    description: ['What the response cache holds. It is off unless the setting cacheTTL says otherwise.'],
    options,
    async run({ options: values }, context) {
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
    },
  },
  {
    clear: command({
      summary: 'forget every kept answer',
      options,
      async run({ options: values }, context) {
        const { data, body } = await remoteServer(values, context).ask('/cache', clearedAnswer, { method: 'DELETE' });
        if (values.json === true) printJson(context.io, body);
        else context.io.stdout(`Cleared ${data.cleared} answers.`);
        return 0;
      },
    }),
  },
);
