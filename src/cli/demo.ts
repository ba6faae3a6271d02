import { once } from 'node:events';
import type { CommandContext } from './command.ts';
import { UsageError } from './command.ts';
import { askDemo } from './demo-chat.ts';
import type { DemoAnswer } from './demo-chat.ts';
import { defaultPort, demoAnswer, demoQuestion } from './demo-script.ts';
import type { DemoStack } from './demo-stack.ts';
import { startDemoStack } from './demo-stack.ts';

/** `ocp demo`: one streamed answer of the simulator, through OCP and the real CLI; then a server to try tools with. */
export async function demo(
  values: { readonly once?: boolean; readonly port?: string },
  context: CommandContext,
): Promise<number> {
  const { io } = context;
  const port = readPort(values.port);
  try {
    await using stack = await startDemoStack({
      context,
      port,
      script: [{ question: demoQuestion, answer: demoAnswer }],
    });
    await show(stack, port, context);
    if (values.once === true) return 0;
    for (const line of invitation(stack.url)) io.stdout(line);
    if (!io.signal.aborted) await once(io.signal, 'abort');
    return 0;
  } catch (error) {
    io.stderr(`ocp demo: ${io.signal.aborted ? 'stopped before the answer was there' : messageOf(error)}`);
    return 1;
  }
}

function readPort(text: string | undefined): number {
  if (text === undefined) return defaultPort;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new UsageError(`--port is ${JSON.stringify(text)}, but must be a whole number from 0 to 65535`);
}

/** Raises an error when the answer does not come whole. */
async function show(stack: DemoStack, port: number, { io }: CommandContext): Promise<void> {
  io.stdout('The OCP demo: no login, no internet. A simulator on this machine answers in the place of Anthropic.');
  io.stdout('');
  io.stdout(`  Simulator   ${stack.simulatorUrl}`);
  io.stdout(`  Claude CLI  ${stack.cliVersion}, the real one`);
  io.stdout(`  OCP         ${stack.url}${port === 0 || port === stack.port ? '' : ` (port ${port} is taken)`}`);
  const spareMs = await stack.spareReady();
  io.stdout(
    `  Spare       ${spareMs === undefined ? 'none yet' : `ready after ${seconds(spareMs)}: a CLI that waits for its first question`}`,
  );
  io.stdout('');
  io.stdout(`You > ${demoQuestion}`);
  io.stdout('');
  const answer = await askDemo({ url: stack.url, question: demoQuestion, onText: io.write, signal: io.signal });
  io.stdout('');
  io.stdout('');
  if (answer.text !== demoAnswer) throw new Error('the answer came, but not as it was sent');
  io.stdout(timing(answer));
}

function timing({ firstMs, totalMs, pieces }: DemoAnswer): string {
  return `  First word after ${Math.round(firstMs)} ms, the whole answer after ${seconds(totalMs)}, in ${pieces} pieces`;
}

function invitation(url: string): string[] {
  return [
    '',
    'OCP goes on listening. Point a tool that speaks OpenAI at it, with any API key:',
    '',
    `  ${url}/v1`,
    '',
    'or try:',
    '',
    `  curl -N ${url}/v1/chat/completions -H 'Content-Type: application/json' \\`,
    `    -d '{"model":"sonnet","stream":true,"messages":[{"role":"user","content":"Hello"}]}'`,
    '',
    'Ctrl+C ends it and removes what it wrote. With your own login: ./ocp serve',
  ];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
