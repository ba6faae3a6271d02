import { setTimeout as pause } from 'node:timers/promises';
import { fakeClaudeBinary, writeScenario } from '../test/support/fake-claude.ts';
import type { Scenario } from '../test/support/fake-claude/scenario.ts';
import { readClockTokens } from '../test/support/fake-claude/scenario.ts';
import { streamChat } from './support/client.ts';
import { processCpu } from './support/cpu.ts';
import type { BenchOptions, Section } from './support/report.ts';
import { createSandbox } from './support/sandbox.ts';
import type { OcpServer } from './support/servers.ts';
import { startBareServer, startOcp } from './support/servers.ts';
import { median, percentile, toMs } from './support/statistics.ts';

const MODEL = 'claude-sonnet-5-5';
/** Requests before the ones that count: a server that always runs has compiled its code long ago. */
const WARM_UP = 100;
const TARGETS = { medianMs: 1, p99Ms: 3, cpuPerTokenUs: 100 };
const SYSTEM = 'You are brief.';

/** OCP's own share of the time of one request, ms. */
interface Share {
  /** From the client's write to the query in the CLI, without the CLI's own part of the handshake. */
  readonly in: number;
  /** From the CLI's write of the first token to the client that sees it. */
  readonly out: number;
}

/** What OCP adds by itself, seen against a scripted CLI that answers at once and stamps the time. */
export async function overhead({ quick, progress }: BenchOptions): Promise<Section> {
  const rounds = quick ? 100 : 500;
  const sandbox = createSandbox();
  writeScenario(sandbox.configDir, { text: 'clock', tokens: 3, linesPerWrite: 1 });
  const ocp = await startOcp(sandbox, { CLAUDE_BIN: fakeClaudeBinary });
  const bare = await startBareServer(sandbox);
  try {
    progress('overhead: a bare server');
    const floor = await shares(rounds, async () => (await timedRequest(bare.url, [])).share);
    progress('overhead: fresh conversations');
    const fresh = await shares(rounds, async (round) => freshRequest(ocp, round));
    progress('overhead: further turns');
    const further = await furtherTurns(ocp, rounds);
    progress('overhead: CPU per token');
    const paced = await cpuPerToken(ocp, 8, { tokens: quick ? 1000 : 5000, intervalMs: 2 });
    const rushed = await cpuPerToken(ocp, 1, { tokens: quick ? 50_000 : 200_000 });
    const floorMs = median(floor.map(total));
    const totals = [...fresh, ...further].map((share) => total(share) - floorMs);
    return {
      title: "OCP's own share",
      method:
        `A scripted CLI stands for the real one: it answers at once and puts the time into its tokens. ${rounds} requests ` +
        `of each kind, one at a time, after ${WARM_UP} that do not count. The share is the time from the client's write ` +
        "to the query in the CLI, less what the CLI spent on OCP's handshake, plus the time from the CLI's write of the " +
        'first token to the client that has read it; it holds both ways through the pipes and sockets. The bare server is a ' +
        'Node HTTP server that answers with the time at once, without a CLI: what client and sockets take in any case. The ' +
        'targets are for what OCP adds to its median. CPU per token is ' +
        'that of the OCP process during long streams, less what it uses while nothing happens: 8 streams with a token ' +
        'every 2 ms, each written alone, and one stream as fast as it goes.',
      columns: ['', 'median', 'p90', 'p99'],
      rows: [
        row('fresh conversation on a spare, ms', fresh.map(total)),
        row(
          '… on the way in, ms',
          fresh.map((share) => share.in),
        ),
        row(
          '… on the way out, ms',
          fresh.map((share) => share.out),
        ),
        row('further turn of a live conversation, ms', further.map(total)),
        row('a bare server instead of OCP, ms', floor.map(total)),
        ['CPU per token, 8 paced streams, µs', paced.toFixed(0), '', ''],
        ['CPU per token, one fast stream, µs', rushed.toFixed(0), '', ''],
      ],
      targets: [
        target(`OCP adds at most ${TARGETS.medianMs} ms in the median`, median(totals), TARGETS.medianMs, 'ms'),
        target(`OCP adds at most ${TARGETS.p99Ms} ms in 99 of 100`, percentile(totals, 0.99), TARGETS.p99Ms, 'ms'),
        target(
          `CPU per streamed token at most ${TARGETS.cpuPerTokenUs} µs`,
          Math.max(paced, rushed),
          TARGETS.cpuPerTokenUs,
          'µs',
        ),
      ],
    };
  } finally {
    await Promise.all([ocp.stop(), bare.stop()]);
    sandbox.remove();
  }
}

async function freshRequest(ocp: OcpServer, round: number): Promise<Share> {
  await ocp.calm();
  const { share } = await timedRequest(ocp.url, [
    { role: 'system', content: `${SYSTEM} This is number ${round}.` },
    { role: 'user', content: 'What time is it?' },
  ]);
  return share;
}

/** One conversation, begun anew before its history gets long. */
async function furtherTurns(ocp: OcpServer, rounds: number): Promise<readonly Share[]> {
  let messages: object[] = [];
  return shares(rounds, async (round) => {
    if (round % 20 === 0) {
      messages = [{ role: 'system', content: `${SYSTEM} This is conversation ${round}.` }];
      await turn();
    }
    await ocp.calm();
    return turn();
  });

  async function turn(): Promise<Share> {
    messages.push({ role: 'user', content: 'What time is it?' });
    const { share, text } = await timedRequest(ocp.url, messages);
    messages.push({ role: 'assistant', content: text });
    return share;
  }
}

async function shares(rounds: number, measure: (round: number) => Promise<Share>): Promise<readonly Share[]> {
  for (let round = 0; round < WARM_UP; round += 1) await measure(-1 - round);
  const found: Share[] = [];
  for (let round = 0; round < rounds; round += 1) found.push(await measure(round));
  return found;
}

async function timedRequest(
  url: string,
  messages: readonly object[],
): Promise<{ readonly share: Share; readonly text: string }> {
  const { sentAt, firstAt, text } = await streamChat(url, { model: MODEL, messages });
  const [token] = readClockTokens(text);
  if (token === undefined) throw new Error(`the scripted CLI did not tell the time: ${text}`);
  const share = { in: toMs(token.received - token.own - sentAt), out: toMs(firstAt - token.written) };
  return { share, text };
}

/** Microseconds of the OCP process for one token. */
async function cpuPerToken(ocp: OcpServer, streams: number, scenario: Scenario): Promise<number> {
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
