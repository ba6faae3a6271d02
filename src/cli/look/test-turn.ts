import { setTimeout as delay } from 'node:timers/promises';
import type { CommandContext } from '../command.ts';
import { CommandError } from '../command.ts';
import { printFields } from '../output/fields.ts';
import { durationText, parseTime } from '../output/format.ts';
import { printJson } from '../output/json.ts';
import { painter } from '../output/paint.ts';
import type { AskValues } from '../remote/options.ts';
import type { Remote } from '../remote/server.ts';
import { remoteServer } from '../remote/server.ts';
import type { StreamedAnswer } from './stream-answer.ts';
import { streamAnswer } from './stream-answer.ts';
import { usageAnswer } from './usage-answers.ts';

const PROMPT = 'This is a test of the connection. Answer with the one word: works';

/** How often and how long the record of the test is looked for, ms: it is written when the turn has ended. */
const RECORD_EVERY_MS = 100;
const RECORD_TRIES = 20;

/** Where an answer came from, for people. */
const sources: Readonly<Record<string, string>> = {
  spare: 'a spare that was ready',
  live: 'a worker that held the conversation',
  recycled: 'a worker that was emptied and used again',
  started: 'a new process',
  hit: 'none: the response cache had the answer',
  joined: 'none: the same question was being answered',
};

/** `ocp test`: a real answer through the running server, with its times. */
export async function testTurn(
  options: AskValues & { readonly model?: string; readonly prompt?: string },
  context: CommandContext,
): Promise<number> {
  const { io } = context;
  const remote = remoteServer(options, context);
  const model = options.model ?? 'sonnet';
  const startedAt = Date.now();
  const isJson = options.json === true;
  if (!isJson) io.stdout(`Asking ${model} at ${remote.url} …`);
  const answer = await ask(remote, model, options.prompt ?? PROMPT, isJson, context);
  const source = await sourceOf(remote, startedAt, context);
  if (isJson) printJson(io, { ...answer, source: source ?? null });
  else print(answer, source, context);
  return 0;
}

async function ask(
  remote: Remote,
  model: string,
  prompt: string,
  isSilent: boolean,
  { io }: CommandContext,
): Promise<StreamedAnswer> {
  let hasText = false;
  const onText = (text: string): void => {
    if (isSilent) return;
    if (!hasText) io.write('\n  ');
    hasText = true;
    io.write(text.replaceAll('\n', '\n  '));
  };
  try {
    return await streamAnswer(remote, { model, prompt, onText });
  } finally {
    if (hasText) io.write('\n');
  }
}

function print(
  { model, firstMs, totalMs, input, output }: StreamedAnswer,
  source: string | undefined,
  { io }: CommandContext,
): void {
  io.stdout('');
  io.stdout(`${painter(io)('green', '✓')} It works.`);
  printFields(
    io,
    [
      ['Model', model],
      ['Worker', source === undefined ? undefined : (sources[source] ?? source)],
      ['First token', durationText(firstMs)],
      ['Whole answer', durationText(totalMs)],
      ['Tokens', input === undefined || output === undefined ? undefined : `${input} in, ${output} out`],
    ],
    2,
  );
}

/** The worker that answered, from the record of the test; undefined where it does not come in time. */
async function sourceOf(remote: Remote, startedAt: number, { io }: CommandContext): Promise<string | undefined> {
  for (let tries = 0; tries < RECORD_TRIES; tries += 1) {
    const { data } = await remote.ask('/api/usage?limit=20', usageAnswer).catch((error: unknown) => {
      if (error instanceof CommandError) return { data: undefined };
      throw error;
    });
    // Its time is that of the end, in whole seconds.
    const own = data?.recent.find(
      ({ client, created_at: at }) => client === 'ocp' && parseTime(at) >= startedAt - 1000,
    );
    if (own !== undefined) return own.source ?? undefined;
    await delay(RECORD_EVERY_MS, undefined, { signal: io.signal });
  }
  return undefined;
}
