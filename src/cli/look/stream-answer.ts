import { z } from 'zod';
import { CommandError } from '../command.ts';
import { clean } from '../output/clean.ts';
import type { Remote } from '../remote/server.ts';

/** How long the first words may take, ms: a queue, a new worker and the model come before them. */
const FIRST_MS = 120_000;

const chunk = z.object({
  error: z.object({ message: z.string() }).optional(),
  model: z.string().optional(),
  choices: z
    .array(
      z.object({
        delta: z.object({ content: z.string().nullable().optional() }).optional(),
        finish_reason: z.string().nullable().optional(),
      }),
    )
    .optional(),
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullable().optional(),
});

export interface StreamedAnswer {
  readonly text: string;
  /** The model that answered. */
  readonly model: string | undefined;
  /** Times from the request, ms. */
  readonly firstMs: number;
  readonly totalMs: number;
  /** Tokens; undefined when the server told none. */
  readonly input: number | undefined;
  readonly output: number | undefined;
}

export interface StreamQuestion {
  readonly model: string;
  readonly prompt: string;
  /** Called with each piece of text when it comes, cleaned. */
  readonly onText: (text: string) => void;
}

/** Asks for a streamed completion and reads it to its end. Raises CommandError when it is refused or breaks off. */
export async function streamAnswer(
  remote: Remote,
  { model, prompt, onText }: StreamQuestion,
  now: () => number = () => performance.now(),
): Promise<StreamedAnswer> {
  const startedAt = now();
  const response = await remote.open('/v1/chat/completions', {
    method: 'POST',
    timeoutMs: FIRST_MS,
    body: {
      model,
      stream: true,
      stream_options: { include_usage: true },
      messages: [{ role: 'user', content: prompt }],
    },
  });
  let text = '';
  let firstMs: number | undefined;
  let last: Pick<StreamedAnswer, 'model' | 'input' | 'output'> = {
    model: undefined,
    input: undefined,
    output: undefined,
  };
  let finish: string | undefined;
  for await (const data of events(response)) {
    if (data === '[DONE]') break;
    const { error, model: answered, choices, usage } = parseChunk(data);
    if (error !== undefined) throw new CommandError(`the answer broke off: ${clean(error.message)}`);
    last = {
      model: answered ?? last.model,
      input: usage?.prompt_tokens ?? last.input,
      output: usage?.completion_tokens ?? last.output,
    };
    const [choice] = choices ?? [];
    finish = choice?.finish_reason ?? finish;
    const piece = choice?.delta?.content ?? '';
    if (piece === '') continue;
    firstMs ??= now() - startedAt;
    text += piece;
    onText(piece.split('\n').map(clean).join('\n'));
  }
  if (finish === undefined || firstMs === undefined) throw new CommandError('the answer broke off before it was whole');
  return { text, ...last, firstMs, totalMs: now() - startedAt };
}

function parseChunk(data: string): z.output<typeof chunk> {
  try {
    return chunk.parse(JSON.parse(data));
  } catch {
    throw new CommandError('the server streams in another form than this ocp knows');
  }
}

/** The data of each server-sent event. */
async function* events(response: Response): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let waiting = '';
  for await (const piece of response.body ?? []) {
    const frames = `${waiting}${decoder.decode(piece as Uint8Array, { stream: true })}`.split('\n\n');
    waiting = frames.pop() ?? '';
    for (const frame of frames) {
      const data = frame.split('\n').flatMap((line) => (line.startsWith('data:') ? [line.slice(5).trimStart()] : []));
      if (data.length > 0) yield data.join('\n');
    }
  }
}
