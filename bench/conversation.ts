import { packSetup } from '../src/claude/setup.ts';
import { readFileSync } from 'node:fs';
import type { JsonObject } from '../src/wire/json.ts';
import type { Simulator } from '../simulator/index.ts';
import { startSimulator } from '../simulator/index.ts';
import { BareWorker } from './support/bare-worker.ts';
import type { ChatMessage } from './support/chat-transcript.ts';
import { assembledMessage, flattened } from './support/chat-transcript.ts';
import { streamChat } from './support/client.ts';
import { children } from './support/cpu.ts';
import { installedClaude, runOneShot } from './support/one-shot.ts';
import { promptOf } from './support/prompt-usage.ts';
import type { PromptUsage } from './support/prompt-usage.ts';
import { quiet } from './support/quiet.ts';
import type { BenchOptions, Section } from './support/report.ts';
import { createSandbox } from './support/sandbox.ts';
import type { OcpServer } from './support/servers.ts';
import { simulatedLogin, simulatedLoginOfOcp, startOcp } from './support/servers.ts';
import { median, percentile, toMs } from './support/statistics.ts';

const MODEL = 'claude-sonnet-5-5';
const TURNS = 20;
/** Requests before the conversation: a server that always runs has compiled its code long ago. */
const WARM_UP = 50;
const TARGETS = { liveRatio: 20, cachedShare: 0.95, breakpoints: 4 };

/** About 3 000 tokens, as the prompt of a coding tool has at least. */
const SYSTEM = Array.from(
  { length: 120 },
  (_, rule) =>
    `Rule ${rule}: before you change a file, read it, and say in one sentence what you are about to do to it.`,
).join('\n');

const PARAMETERS: JsonObject = { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] };
const TOOLS = ['read_file', 'list_files', 'search'].map((name) => ({
  name,
  description: `The tool ${name} of an editor.`,
}));
const CHAT_TOOLS = TOOLS.map((tool) => ({ type: 'function', function: { ...tool, parameters: PARAMETERS } }));

/** One turn: a request and its answer. */
interface TurnResult {
  readonly firstTokenMs: number;
  readonly prompt: PromptUsage;
}

type Way = 'live' | 'alone' | 'replayed' | 'oneShot';

/**
 * A conversation with tools, turn by turn: in a live worker, in the CLI without OCP, replayed into a spare each time,
 * flattened into one-shots.
 */
export async function conversation({ quick, progress }: BenchOptions): Promise<Section> {
  const turns = quick ? 8 : TURNS;
  await using simulator = await startSimulator();
  const live = await party(simulator, 'live');
  const replayed = await party(simulator, 'replayed');
  const sandbox = createSandbox();
  const binary = await installedClaude();
  const env = { ...sandbox.env, ...simulatedLogin(simulator.url) };
  const alone = new BareWorker({ binary, env, workingDirectory: sandbox.workingDirectory(), model: MODEL });
  const tools = TOOLS.map((tool) => ({ ...tool, input_schema: PARAMETERS }));
  await alone.setUp(packSetup({ model: MODEL, system: [SYSTEM], tools }));
  const usual = { kind: 'usual', binary, env, model: MODEL, system: SYSTEM } as const;
  const oneShot = async (): Promise<bigint> => {
    const prompt = withoutDirectives(flattened(live.asked));
    return (await runOneShot({ ...usual, workingDirectory: sandbox.workingDirectory(), prompt })).firstText;
  };
  const results: Record<Way, TurnResult[]> = { live: [], alone: [], replayed: [], oneShot: [] };
  const measured = async (way: Way, turn: () => Promise<bigint>): Promise<void> => {
    await quiet();
    const before = simulator.log.messages().length;
    const firstToken = await turn();
    const made = simulator.log.messages().length - before;
    if (made !== 1) throw new Error(`turn ${results[way].length} ${way} took ${made} calls of the API`);
    results[way].push({ firstTokenMs: toMs(firstToken), prompt: promptOf(simulator) });
  };
  try {
    for (let turn = 0; turn < turns; turn += 1) {
      progress(`conversation: turn ${turn + 1} of ${turns}`);
      await live.ocp.calm();
      const ways: (readonly [Way, () => Promise<bigint>])[] = [
        ['live', async () => live.turn(turn)],
        ['alone', async () => alone.turn(isCall(turn) ? question(turn) : fileText(turn))],
      ];
      // Who comes first in a turn meets a machine that is less awake: each does in one question and one result of four turns.
      for (const [way, take] of turn % 4 < 2 ? ways : ways.toReversed()) await measured(way, take);
      await measured('oneShot', oneShot);
      await replayed.forget();
      await measured('replayed', async () => replayed.turn(turn));
    }
    await live.checkOrigins({ live: turns - 1, spare: 1 });
    await replayed.checkOrigins({ spare: turns });
  } finally {
    await Promise.all([live.close(), replayed.close(), alone.stop()]);
    sandbox.remove();
  }
  return section(results, turns);
}

interface Party {
  readonly ocp: OcpServer;
  /** The messages of the last request. */
  readonly asked: readonly ChatMessage[];
  /** Resolves to ns from the request to the first piece of content. */
  turn(turn: number): Promise<bigint>;
  /** Kills every worker, so that the next turn has to begin from the request alone. */
  forget(): Promise<void>;
  /** Rejects when the workers of the turns came from elsewhere. */
  checkOrigins(expected: Readonly<Record<string, number>>): Promise<void>;
  close(): Promise<void>;
}

/** A client with a conversation of its own on an OCP of its own. */
async function party(simulator: Simulator, name: string): Promise<Party> {
  const sandbox = createSandbox();
  const ocp = await startOcp(sandbox, simulatedLoginOfOcp(simulator.url));
  await ocp.calm();
  for (let count = 0; count < WARM_UP; count += 1) {
    await streamChat(ocp.url, { model: MODEL, messages: [{ role: 'user', content: `Question ${count}` }] });
  }
  const before = await ocp.origins();
  const messages: ChatMessage[] = [{ role: 'system', content: `${SYSTEM}\nThis is the ${name} conversation.` }];
  let asked: readonly ChatMessage[] = [];
  return {
    ocp,
    get asked() {
      return asked;
    },
    async turn(turn) {
      messages.push(...nextMessages(messages, turn));
      asked = [...messages];
      const answer = await streamChat(ocp.url, { model: MODEL, messages, tools: CHAT_TOOLS }, { keepEvents: true });
      if (!answer.isComplete) throw new Error(`the answer of turn ${turn} has no end`);
      messages.push(assembledMessage(answer.events));
      return answer.firstAt - answer.sentAt;
    },
    async forget() {
      const workers = children(ocp.pid).filter(isWorker);
      for (const pid of workers) process.kill(-pid, 'SIGKILL');
      while (children(ocp.pid).some((pid) => workers.includes(pid))) await new Promise(setImmediate);
      await ocp.calm();
    },
    async checkOrigins(expected) {
      const origins = await ocp.origins();
      for (const [origin, count] of Object.entries(origins)) {
        if (count - (before[origin] ?? 0) === (expected[origin] ?? 0)) continue;
        throw new Error(`workers came from ${JSON.stringify(origins)}, before from ${JSON.stringify(before)}`);
      }
    },
    async close() {
      await ocp.stop();
      sandbox.remove();
    },
  };
}

/** The client's part of a turn: the results of the tools that were called, else a question that makes the model call one. */
function nextMessages(messages: readonly ChatMessage[], turn: number): readonly ChatMessage[] {
  const calls = messages.at(-1)?.tool_calls ?? [];
  if (calls.length === 0) return [{ role: 'user', content: question(turn) }];
  return calls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: fileText(turn) }));
}

/** Every other turn asks for a call, the next one brings its result. */
function isCall(turn: number): boolean {
  return turn % 2 === 0;
}

function question(turn: number): string {
  return `Please look at file ${turn}. [[tool:read_file {"path":"src/file-${turn}.ts"}]]`;
}

/** About 600 tokens. */
function fileText(turn: number): string {
  return Array.from(
    { length: 60 },
    (_, line) => `export const value_${turn}_${line} = ${turn * line}; // line ${line}`,
  ).join('\n');
}

function withoutDirectives(text: string): string {
  return text.replaceAll('[[', '((').replaceAll(']]', '))');
}

function isWorker(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--input-format=stream-json');
  } catch {
    return false;
  }
}

/** The share of what the API had seen a turn before that it read from its cache, over all turns but the first. */
function cachedShare(results: readonly TurnResult[]): number {
  let earlier = 0;
  let read = 0;
  for (const [index, { prompt }] of results.entries()) {
    const before = results[index - 1];
    if (before === undefined) continue;
    earlier += before.prompt.tokens;
    read += Math.min(prompt.cacheReads, before.prompt.tokens);
  }
  return read / earlier;
}

function section(results: Readonly<Record<Way, readonly TurnResult[]>>, turns: number): Section {
  const ofOneShot = (way: Way): number => median(followUps(results.oneShot)) / median(followUps(results[way]));
  const ratio = ofOneShot('live');
  const shares = [cachedShare(results.live), cachedShare(results.replayed)];
  const breakpoints = Math.max(...[...results.live, ...results.replayed].map(({ prompt }) => prompt.breakpoints));
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  return {
    title: `A conversation of ${turns} turns with tools`,
    method:
      'A client with three tools and a system prompt of about 3 000 tokens: every other turn is a tool call, the next one ' +
      'its result of about 600 tokens. The same conversation four ways, turn by turn in alternation, each turn once the ' +
      'machine has come to rest: with OCP; with one process of the CLI that nothing but this benchmark drives, which is ' +
      'the time that no bridge is spared; with an OCP whose workers are all killed before each turn, so that it replays ' +
      'the history into a spare; and as one-shot `claude -p` with the history as one text. Times are those of the ' +
      "follow-up turns; tokens and cache reads are counted by the simulator, which applies the API's own rules. Each turn " +
      'took exactly one call of the API.',
    columns: [
      '',
      'first token median ms',
      'p90 ms',
      'prompt tokens',
      'cache reads',
      'earlier tokens from the cache',
      'breakpoints at most',
    ],
    rows: [
      row('OCP, live', results.live),
      row('the CLI alone, live', results.alone),
      row('OCP, replayed', results.replayed),
      row('one-shot `claude -p`', results.oneShot),
    ],
    targets: [
      {
        text: `a live follow-up is at least ${TARGETS.liveRatio} times faster to its first token than a one-shot process`,
        found: `${ratio.toFixed(1)} times; the CLI alone ${ofOneShot('alone').toFixed(1)} times`,
        met: ratio >= TARGETS.liveRatio,
      },
      {
        text: `at least ${percent(TARGETS.cachedShare)} of the earlier turns' tokens are cache reads, live and replayed`,
        found: shares.map(percent).join(' and '),
        met: shares.every((share) => share >= TARGETS.cachedShare),
      },
      {
        text: `never more than ${TARGETS.breakpoints} cache breakpoints`,
        found: `at most ${breakpoints}`,
        met: breakpoints <= TARGETS.breakpoints,
      },
    ],
  };

  function row(name: string, of: readonly TurnResult[]): readonly string[] {
    const tokens = of.reduce((sum, { prompt }) => sum + prompt.tokens, 0);
    const reads = of.reduce((sum, { prompt }) => sum + prompt.cacheReads, 0);
    return [
      name,
      median(followUps(of)).toFixed(1),
      percentile(followUps(of), 0.9).toFixed(1),
      String(tokens),
      String(reads),
      percent(cachedShare(of)),
      String(Math.max(...of.map(({ prompt }) => prompt.breakpoints))),
    ];
  }
}

function followUps(results: readonly TurnResult[]): readonly number[] {
  return results.slice(1).map(({ firstTokenMs }) => firstTokenMs);
}
