import { z } from 'zod';
import type { CommandContext } from '../command.ts';
import { timeText } from '../output/format.ts';
import { printJson } from '../output/json.ts';
import { printTable } from '../output/table.ts';
import type { AskValues } from '../remote/options.ts';
import { remoteServer } from '../remote/server.ts';

const sessionsAnswer = z.object({
  sessions: z.array(
    z.object({ id: z.string(), owner: z.string(), model: z.string(), messages: z.number(), lastUsed: z.string() }),
  ),
  liveConversations: z.number(),
});

/** `ocp sessions`: conversations that clients named. */
export async function showSessions(options: AskValues, context: CommandContext): Promise<number> {
  const { io } = context;
  const { data, body } = await remoteServer(options, context).ask('/sessions', sessionsAnswer);
  if (options.json === true) {
    printJson(io, body);
    return 0;
  }
  if (data.sessions.length === 0) io.stdout('No named sessions.');
  else {
    printTable(
      io,
      [
        { title: 'Session', least: 8 },
        { title: 'Of', drop: 1 },
        { title: 'Model', drop: 3 },
        { title: 'Messages', align: 'right' },
        { title: 'Last used', drop: 2 },
      ],
      data.sessions.map(({ id, owner, model, messages, lastUsed }) => [
        id,
        owner,
        model,
        String(messages),
        timeText(lastUsed),
      ]),
    );
  }
  io.stdout(`Workers that wait for the next message of a conversation: ${data.liveConversations}`);
  return 0;
}

const clearedAnswer = z.object({ cleared: z.number() });

/** `ocp clear`. Contract: `Cleared N sessions.` */
export async function clearSessions(options: AskValues, context: CommandContext): Promise<number> {
  const { data, body } = await remoteServer(options, context).ask('/sessions', clearedAnswer, { method: 'DELETE' });
  if (options.json === true) printJson(context.io, body);
  else context.io.stdout(`Cleared ${data.cleared} sessions.`);
  return 0;
}
