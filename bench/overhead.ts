import { cpus } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { fakeClaudeBinary, writeScenario } from '../test/support/fake-claude.ts';
import type { Scenario } from '../test/support/fake-claude/scenario.ts';
import { readClockTokens } from '../test/support/fake-claude/scenario.ts';
import { bindToCore, boundProgram, unbind } from './support/cores.ts';
import { streamChat } from './support/client.ts';
import { mainThreadTime, processCpu } from './support/cpu.ts';
import type { BenchOptions, Section } from './support/report.ts';
import { createSandbox } from './support/sandbox.ts';
import type { OcpServer } from './support/servers.ts';
import { startBareBridge, startBareServer, startOcp } from './support/servers.ts';
import { percentile, toMs } from './support/statistics.ts';

const MODEL = 'claude-sonnet-5-5';
/** Requests before the ones that count: a server that always runs has compiled its code long ago. */
const WARM_UP = 1000;
/** How long a server may take to put away what an answer leaves behind, ms. */
const AFTER_END_MS = 5;
const TURNS_OF_CONVERSATION = 20;
const TARGETS = { medianMs: 1, p99Ms: 3, cpuPerTokenUs: 100 };
const SYSTEM = 'You are brief.';

type Server = Pick<OcpServer, 'url' | 'pid'>;

/** OCP's own share of the time of one request, ms. */
interface Share {
  /** From the client's write to the query in the CLI, without the CLI's own part of the handshake. */
  readonly in: number;
  /** From the CLI's write of the first token to the client that sees it. */
  readonly out: number;
  /** For how long the server's JavaScript ran, from the request to what it does after its end. */
  readonly work: number;
}

/** What OCP adds by itself, seen against a scripted CLI that answers at once and stamps the time. */
export async function overhead({ quick, progress }: BenchOptions): Promise<Section> {
  const rounds = quick ? 100 : 500;
  const sandbox = createSandbox();
  writeScenario(sandbox.configDir, { text: 'clock', tokens: 3, linesPerWrite: 1 });
  // The client and the CLI take turns anyway: they share a core, and the servers, of which one works at a time, the other.
  const cores = { client: 0, server: 1 };
  const binary = boundProgram(sandbox, cores.client, fakeClaudeBinary);
  const ocp = await startOcp(sandbox, { CLAUDE_BIN: binary }, { core: cores.server });
  const bridge = await startBareBridge(sandbox, { binary, model: MODEL }, cores.server);
  const bare = await startBareServer(sandbox, cores.server);
  bindToCore(cores.client);
  try {
    progress('overhead: warming up');
    const further = conversation(ocp);
    const bridged = conversation(bridge);
    const served = conversation(bare);
    for (let round = 0; round < (quick ? WARM_UP / 5 : WARM_UP); round += 1) {
      await further();
      await bridged();
      await served();
    }
    const found: Record<'fresh' | 'further' | 'bridge' | 'bare', Share[]> = {
      fresh: [],
      further: [],
      bridge: [],
      bare: [],
    };
    for (let round = 0; round < rounds; round += 1) {
      if (round % 100 === 0) progress(`overhead: round ${round} of ${rounds}`);
      await ocp.calm();
      found.fresh.push(await freshRequest(ocp, round));
      await ocp.calm();
      found.bridge.push(await bridged());
      found.further.push(await further());
      await ocp.calm();
      found.bare.push(await served());
    }
    progress('overhead: CPU per token');
    const tokens = { paced: quick ? 1000 : 5000, rushed: quick ? 50_000 : 200_000 };
    const paced = await cpuPerToken(ocp, 8, { tokens: tokens.paced, intervalMs: 2 });
    const rushed = await cpuPerToken(ocp, 1, { tokens: tokens.rushed });
    const floor = await cpuPerToken({ ...bridge, calm: async () => {} }, 1, { tokens: tokens.paced, intervalMs: 2 });
    const totals = [...found.fresh, ...found.further].map(total);
    const added = (p: number): number => percentile(totals, p) - percentile(found.bridge.map(total), p);
    const overServer = [0.5, 0.99].map((p) => percentile(totals, p) - percentile(found.bare.map(total), p));
    return {
      title: "OCP's own share",
      method:
        `A scripted CLI stands for the real one: it answers at once and puts the time into its tokens. ${rounds} rounds, in ` +
        'each one request of every kind, one at a time, so that noise of the machine meets all of them; before them ' +
        `${WARM_UP} requests that do not count, because a server that always runs has compiled its code long ago. A time ` +
        "goes from the client's write to the query in the CLI, less what the CLI spent on OCP's handshake, and from the CLI's " +
        'write of the first token to the client that has read it. The bare bridge is a Node HTTP server of thirty lines ' +
        'that passes on the last message to one scripted CLI and its text back: sockets, pipes and the CLI itself, which ' +
        "no bridge is spared. OCP's own share is what it adds to that, median to median and 99th percentile to 99th " +
        'percentile. The server has one core, client and CLI the other (taskset). The bare server answers ' +
        "without a CLI. A server's JavaScript is at work for as long as its first thread has the core, from the request to " +
        `${AFTER_END_MS} ms after the end of its answer. CPU per token is that of the server process during long ` +
        'streams, less what it uses while nothing happens: 8 streams with a token every 2 ms, each written alone, and ' +
        'one stream as fast as it goes.',
      columns: ['', 'median', 'p90', 'p99'],
      rows: [
        row('fresh conversation on a spare, ms', found.fresh.map(total)),
        row(
          '… on the way in, ms',
          found.fresh.map((share) => share.in),
        ),
        row(
          '… on the way out, ms',
          found.fresh.map((share) => share.out),
        ),
        row('further turn of a live conversation, ms', found.further.map(total)),
        row('a bare bridge instead of OCP, ms', found.bridge.map(total)),
        row('a bare server without a CLI, ms', found.bare.map(total)),
        row(
          "OCP's JavaScript at work, ms",
          [...found.fresh, ...found.further].map((share) => share.work),
        ),
        row(
          "the bridge's JavaScript at work, ms",
          found.bridge.map((share) => share.work),
        ),
        ['OCP over the bare server, ms', ...overServer.map((ms) => ms.toFixed(2)).toSpliced(1, 0, '')],
        ['CPU per token, 8 paced streams, µs', paced.toFixed(0), '', ''],
        ['CPU per token, one fast stream, µs', rushed.toFixed(0), '', ''],
        ['CPU per token of the bare bridge, one paced stream, µs', floor.toFixed(0), '', ''],
      ],
      targets: [
        target(`OCP adds at most ${TARGETS.medianMs} ms in the median`, added(0.5), TARGETS.medianMs, 'ms'),
        target(`OCP adds at most ${TARGETS.p99Ms} ms in 99 of 100`, added(0.99), TARGETS.p99Ms, 'ms'),
        target(
          `CPU per streamed token at most ${TARGETS.cpuPerTokenUs} µs`,
          Math.max(paced, rushed),
          TARGETS.cpuPerTokenUs,
          'µs',
        ),
      ],
    };
  } finally {
    unbind(cpus().length);
    await Promise.all([ocp.stop(), bridge.stop(), bare.stop()]);
    sandbox.remove();
  }
}

async function freshRequest(ocp: OcpServer, round: number): Promise<Share> {
  await ocp.calm();
  const { share } = await timedRequest(ocp, [
    { role: 'system', content: `${SYSTEM} This is number ${round}.` },
    { role: 'user', content: 'What time is it?' },
  ]);
  return share;
}

/** Gives the further turns of a conversation, which begins anew, unmeasured, before its history gets long. */
function conversation(server: Server): () => Promise<Share> {
  let messages: object[] = [];
  let turns = 0;
  const turn = async (): Promise<Share> => {
    messages.push({ role: 'user', content: 'What time is it?' });
    const { share, text } = await timedRequest(server, messages);
    messages.push({ role: 'assistant', content: text });
    return share;
  };
  return async () => {
    if (turns % TURNS_OF_CONVERSATION === 0) {
      messages = [{ role: 'system', content: `${SYSTEM} This is conversation ${turns}.` }];
      await turn();
    }
    turns += 1;
    return turn();
  };
}

async function timedRequest(
  { url, pid }: Server,
  messages: readonly object[],
): Promise<{ readonly share: Share; readonly text: string }> {
  const before = mainThreadTime(pid);
  const { sentAt, firstAt, text } = await streamChat(url, { model: MODEL, messages });
  await pause(AFTER_END_MS);
  const work = toMs(mainThreadTime(pid) - before);
  const [token] = readClockTokens(text);
  if (token === undefined) throw new Error(`the scripted CLI did not tell the time: ${text}`);
  const share = { in: toMs(token.received - token.own - sentAt), out: toMs(firstAt - token.written), work };
  return { share, text };
}

/** Microseconds of the server's process for one token. */
async function cpuPerToken(
  ocp: Pick<OcpServer, 'url' | 'pid' | 'calm'>,
  streams: number,
  scenario: Scenario,
): Promise<number> {
  await ocp.calm();
  const idle = await idleCpuPerSecond(ocp.pid);
  const before = processCpu(ocp.pid);
  const startedAt = performance.now();
  const answers = await Promise.all(
    Array.from({ length: streams }, async (_, stream) =>
      streamChat(ocp.url, {
        model: MODEL,
        messages: [{ role: 'user', content: `${stream} [[fake:${JSON.stringify({ ...scenario, text: 'numbers' })}]]` }],
      }),
    ),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  const used = processCpu(ocp.pid) - before - idle * seconds;
  const tokens = answers.reduce((sum, { text }) => sum + text.split(' ').length - 1, 0);
  const expected = streams * (scenario.tokens ?? 0);
  if (tokens !== expected) throw new Error(`${tokens} tokens came of ${expected}`);
  return (used / tokens) * 1e6;
}

async function idleCpuPerSecond(pid: number): Promise<number> {
  const seconds = 2;
  const before = processCpu(pid);
  await pause(seconds * 1000);
  return (processCpu(pid) - before) / seconds;
}

function total(share: Share): number {
  return share.in + share.out;
}

function row(name: string, values: readonly number[]): readonly string[] {
  return [name, ...[0.5, 0.9, 0.99].map((p) => percentile(values, p).toFixed(2))];
}

function target(text: string, found: number, limit: number, unit: string): Section['targets'][number] {
  return { text, found: `${found.toFixed(unit === 'ms' ? 2 : 0)} ${unit}`, met: found <= limit };
}
