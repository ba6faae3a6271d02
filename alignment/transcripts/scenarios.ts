import type { Script } from '../../simulator/index.ts';
import { textAnswer, thinkingAnswer, toolAnswer } from '../../simulator/index.ts';
import { clearLine } from '../../src/claude/protocol.ts';
import type { Cli, Line } from '../contract/support/cli.ts';
import { requestOf } from '../contract/support/cli.ts';
import { apiKey, subscription } from '../contract/support/site.ts';
import { answered, asked, setUp, past, settings, tool, parsed } from '../contract/support/told.ts';

/** A conversation with the CLI that is recorded, version by version. */
export interface TranscriptScenario {
  readonly name: string;
  readonly script: Script;
  readonly login: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Tells the CLI everything; the recorder listens. */
  readonly play: (cli: Cli) => Promise<void>;
}

const isResult = (line: Line): boolean => line['type'] === 'result';
const outputSchema = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] } as const;

/** What is recorded: one short conversation for each way in which OCP uses the CLI. */
export const scenarios: readonly TranscriptScenario[] = [
  {
    name: 'answer',
    script: [{ reply: thinkingAnswer('hm', 'pong 🏓', 'c2lnbmVk') }],
    login: apiKey,
    async play(cli) {
      await setUp(cli);
      await cli.ask(settings({ maxTokens: 777, effort: 'low' }));
      await cli.turn(asked('ping'));
    },
  },
  {
    name: 'history',
    script: [{ reply: 'The third answer.' }],
    login: apiKey,
    async play(cli) {
      await setUp(cli);
      for (const word of ['first', 'second']) {
        await cli.turn(past(`the ${word} question`));
        cli.tell(answered(`The ${word} answer.`, `msg_${word}`));
      }
      await cli.turn(asked('the third question'));
    },
  },
  {
    name: 'tools',
    script: [
      { when: { hasToolResults: false }, reply: toolAnswer({ name: 'look', input: { at: 'x' } }) },
      { reply: 'It is blue.' },
    ],
    login: apiKey,
    async play(cli) {
      await setUp(cli, { tools: [tool('look', { at: { type: 'string' } })] });
      const from = cli.lines.length;
      cli.tell(asked('look at x'));
      const permission = await cli.question('can_use_tool', from);
      await cli.line((line) => (line['event'] as Line | undefined)?.['type'] === 'message_stop', from);
      cli.reply(permission, { behavior: 'allow', updatedInput: { at: 'x' } });
      const run = await cli.toolCall(from);
      const id = (requestOf(run)['message'] as Line)['id'];
      const result = { content: [{ type: 'text', text: 'blue' }], isError: false };
      cli.reply(run, { mcp_response: { jsonrpc: '2.0', id, result } });
      cli.reply(await cli.question('hook_callback', from), {});
      await cli.line(isResult, from);
    },
  },
  {
    name: 'structured',
    script: [{ when: { hasToolResults: false }, reply: { kind: 'structured', value: { n: 7 } } }, { reply: 'Done.' }],
    login: apiKey,
    async play(cli) {
      await setUp(cli, { outputSchema });
      const from = cli.lines.length;
      cli.tell(asked('a number'));
      const next = await cli.line((line) => isResult(line) || requestOf(line)['subtype'] === 'hook_callback', from);
      if (!isResult(next)) cli.reply(next, {});
      await cli.line(isResult, from);
    },
  },
  {
    name: 'emptied',
    script: [{ reply: 'An answer.' }],
    login: apiKey,
    async play(cli) {
      await setUp(cli);
      await cli.turn(asked('one'));
      await cli.turn(parsed(clearLine));
      await cli.turn(asked('two'));
    },
  },
  {
    name: 'plan',
    script: [{ reply: 'An answer.' }],
    login: subscription,
    async play(cli) {
      await setUp(cli);
      await cli.turn(asked('one'));
    },
  },
  {
    name: 'failed',
    script: [{ reply: { kind: 'error', status: 529 } }],
    login: apiKey,
    env: { CLAUDE_CODE_MAX_RETRIES: '1' },
    async play(cli) {
      await setUp(cli);
      await cli.turn(asked('one'));
    },
  },
  {
    name: 'interrupted',
    script: [{ reply: textAnswer('one two three', { fault: { kind: 'stall', afterTokens: 1 } }) }],
    login: apiKey,
    async play(cli) {
      await setUp(cli);
      const from = cli.lines.length;
      cli.tell(asked('say much'));
      await cli.line((line) => (line['event'] as Line | undefined)?.['type'] === 'content_block_delta', from);
      await cli.ask({ subtype: 'interrupt' });
      await cli.line(isResult, from);
    },
  },
];
