import { readFileSync } from 'node:fs';
import type { Simulator } from '../simulator/index.ts';
import { startSimulator } from '../simulator/index.ts';
import type { ChatMessage } from './support/chat-transcript.ts';
import { assembledMessage, flattened } from './support/chat-transcript.ts';
import { streamChat } from './support/client.ts';
import { children } from './support/cpu.ts';
import { installedClaude, runOneShot } from './support/one-shot.ts';
import { promptOf } from './support/prompt-usage.ts';
import type { PromptUsage } from './support/prompt-usage.ts';
import type { BenchOptions, Section } from './support/report.ts';
import { createSandbox } from './support/sandbox.ts';
import type { OcpServer } from './support/servers.ts';
import { simulatedLogin, simulatedLoginOfOcp, startOcp } from './support/servers.ts';
import { median, percentile, toMs } from './support/statistics.ts';

const MODEL = 'claude-sonnet-5-5';
const TURNS = 20;
const TARGETS = { liveRatio: 20, cachedShare: 0.95, breakpoints: 4 };

/** About 3 000 tokens, as the prompt of a coding tool has at least. */
const SYSTEM = Array.from(
  { length: 120 },
  (_, rule) =>
    `Rule ${rule}: before you change a file, read it, and say in one sentence what you are about to do to it.`,
).join('\n');

const TOOLS = ['read_file', 'list_files', 'search'].map((name) => ({
  type: 'function',
  function: {
    name,
    description: `The tool ${name} of an editor.`,
    parameters: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
  },
}));

/** One turn: a request and its answer. */
interface TurnResult {
  readonly firstTokenMs: number;
  readonly prompt: PromptUsage;
}

/** A conversation with tools, turn by turn: in a live worker, replayed into a spare each time, flattened into one-shots. */
export async function conversation({ quick, progress }: BenchOptions): Promise<Section> {
  const turns = quick ? 8 : TURNS;
  await using simulator = await startSimulator();
  const live = await party(simulator, 'live');
  const replayed = await party(simulator, 'replayed');
  const flat = createSandbox();
  const binary = await installedClaude();
  const env = { ...flat.env, ...simulatedLogin(simulator.url) };
  const results: Record<'live' | 'replayed' | 'oneShot', TurnResult[]> = { live: [], replayed: [], oneShot: [] };
  try {
    for (let turn = 0; turn < turns; turn += 1) {
      progress(`conversation: turn ${turn + 1} of ${turns}`);
      await replayed.forget();
      await live.ocp.calm();
      results.live.push(await live.turn(turn));
      results.replayed.push(await replayed.turn(turn));
      const prompt = withoutDirectives(flattened(live.asked));
      const workingDirectory = flat.workingDirectory();
      const { firstText } = await runOneShot({
        kind: 'usual',
        binary,
        env,
        workingDirectory,
        model: MODEL,
        system: SYSTEM,
        prompt,
      });
      results.oneShot.push({ firstTokenMs: toMs(firstText), prompt: promptOf(simulator) });
    }
    await checkOrigins(live.ocp, { live: turns - 1, spare: 1 });
    await checkOrigins(replayed.ocp, { spare: turns });
  } finally {
    await Promise.all([live.close(), replayed.close()]);
    flat.remove();
  }
  return section(results, turns);
}

interface Party {
  readonly ocp: OcpServer;
  /** The messages of the last request. */
  readonly asked: readonly ChatMessage[];
  turn(turn: number): Promise<TurnResult>;
  /** Kills every worker, so that the next turn has to begin from the request alone. */
  forget(): Promise<void>;
  close(): Promise<void>;
}

/** A client with a conversation of its own on an OCP of its own. */
async function party(simulator: Simulator, name: string): Promise<Party> {
  const sandbox = createSandbox();
  const ocp = await startOcp(sandbox, simulatedLoginOfOcp(simulator.url));
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
      const calls = simulator.log.messages().length;
      const answer = await streamChat(ocp.url, { model: MODEL, messages, tools: TOOLS }, { keepEvents: true });
      const made = simulator.log.messages().length - calls;
      if (made !== 1 || !answer.isComplete) throw new Error(`turn ${turn} took ${made} calls of the API`);
      messages.push(assembledMessage(answer.events));
      return { firstTokenMs: toMs(answer.firstAt - answer.sentAt), prompt: promptOf(simulator) };
    },
    async forget() {
      const workers = children(ocp.pid).filter(isWorker);
      for (const pid of workers) process.kill(-pid, 'SIGKILL');
      while (children(ocp.pid).some((pid) => workers.includes(pid))) await new Promise(setImmediate);
      await ocp.calm();
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
  if (calls.length === 0) {
    return [
      { role: 'user', content: `Please look at file ${turn}. [[tool:read_file {"path":"src/file-${turn}.ts"}]]` },
    ];
  }
  return calls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: fileText(turn) }));
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

async function checkOrigins(ocp: OcpServer, expected: Readonly<Record<string, number>>): Promise<void> {
  const origins = await ocp.origins();
  for (const [origin, count] of Object.entries(origins)) {
    if (count !== (expected[origin] ?? 0)) throw new Error(`workers came from ${JSON.stringify(origins)}`);
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

function section(
  results: Readonly<Record<'live' | 'replayed' | 'oneShot', readonly TurnResult[]>>,
  turns: number,
): Section {
  const ratio = median(followUps(results.oneShot)) / median(followUps(results.live));
  const shares = [cachedShare(results.live), cachedShare(results.replayed)];
  const breakpoints = Math.max(...[...results.live, ...results.replayed].map(({ prompt }) => prompt.breakpoints));
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  return {
    title: `A conversation of ${turns} turns with tools`,
    method:
      'A client with three tools and a system prompt of about 3 000 tokens: every other turn is a tool call, the next one ' +
      'its result of about 600 tokens. The same conversation three ways, turn by turn in alternation: with OCP; with an ' +
      'OCP whose workers are all killed before each turn, so that it replays the history into a spare; and as one-shot ' +
      '`claude -p` with the history as one text. Times are those of the follow-up turns; tokens and cache reads are ' +
      "counted by the simulator, which applies the API's own rules. Each turn took exactly one call of the API.",
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
      row('OCP, replayed', results.replayed),
      row('one-shot `claude -p`', results.oneShot),
    ],
    targets: [
      {
        text: `a live follow-up is at least ${TARGETS.liveRatio} times faster to its first token than a one-shot process`,
        found: `${ratio.toFixed(1)} times`,
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
