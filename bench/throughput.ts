import { performance } from 'node:perf_hooks';
import { streamChat } from './support/client.ts';
import { endedChildrenCpu, treeCpu } from './support/cpu.ts';
import { installedClaude, runOneShot } from './support/one-shot.ts';
import type { BenchOptions, Section } from './support/report.ts';
import { createSandbox } from './support/sandbox.ts';
import { simulatedLogin, simulatedLoginOfOcp, startOcp, startSimulatorProcess } from './support/servers.ts';
import { median, percentile, toMs } from './support/statistics.ts';

const MODEL = 'claude-sonnet-5-5';
const CLIENTS = 8;
const TARGET_RATIO = 8;
const SYSTEM = 'You sort letters by what they are about. Answer with one word.';

interface Load {
  readonly requests: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Time to the first token of each request, ms. */
  readonly firstToken: readonly number[];
}

/** Eight clients of one key, each with one single-shot request after the other. */
export async function throughput({ quick, progress }: BenchOptions): Promise<Section> {
  const sandbox = createSandbox();
  const simulator = await startSimulatorProcess(sandbox);
  const binary = await installedClaude();
  const env = { ...sandbox.env, ...simulatedLogin(simulator.url) };
  let oneShots: Load;
  let workers: Load;
  let origins: Readonly<Record<string, number>>;
  try {
    progress('throughput: one-shot processes');
    oneShots = await load(quick ? 10 : 30, endedChildrenCpu, async (prompt) => {
      const workingDirectory = sandbox.workingDirectory();
      const { firstText } = await runOneShot({
        kind: 'usual',
        binary,
        env,
        workingDirectory,
        model: MODEL,
        system: SYSTEM,
        prompt,
      });
      return firstText;
    });
    const ocp = await startOcp(sandbox, simulatedLoginOfOcp(simulator.url));
    try {
      await ocp.calm();
      progress('throughput: OCP');
      workers = await load(
        quick ? 10 : 60,
        () => treeCpu(ocp.pid),
        async (prompt) => {
          const messages = [
            { role: 'system', content: SYSTEM },
            { role: 'user', content: prompt },
          ];
          const answer = await streamChat(ocp.url, { model: MODEL, messages });
          if (!answer.isComplete || answer.text === '') throw new Error('an answer of OCP was not whole');
          return answer.firstAt - answer.sentAt;
        },
      );
      origins = await ocp.origins();
    } finally {
      await ocp.stop();
    }
  } finally {
    await simulator.stop();
    sandbox.remove();
  }
  const ratio = perSecond(workers) / perSecond(oneShots);
  return {
    title: `Throughput: ${CLIENTS} at once from one key`,
    method:
      `${CLIENTS} clients, each with its next single-shot request as soon as the last one is answered: ` +
      `${oneShots.seconds.toFixed(0)} s of one-shot processes, then ${workers.seconds.toFixed(0)} s of OCP. All ` +
      'requests share a system prompt and differ in their question. CPU time is that of the processes that serve: the ' +
      'one-shot processes; OCP with all its workers, those included that it started and ended meanwhile. Where OCP took ' +
      `its workers from: ${Object.entries(origins)
        .map(([origin, count]) => `${origin} ${count}`)
        .join(', ')}.`,
    columns: ['', 'requests', 'requests/s', 'CPU s/request', 'first token median ms', 'first token p90 ms'],
    rows: [row('one-shot `claude -p`', oneShots), row('OCP', workers)],
    targets: [
      {
        text: `OCP serves at least ${TARGET_RATIO} times as many requests a second`,
        found: `${ratio.toFixed(1)} times`,
        met: ratio >= TARGET_RATIO,
      },
    ],
  };
}

/** Keeps all clients busy for the time given; requests that are under way at its end are finished and counted. */
async function load(seconds: number, cpu: () => number, send: (prompt: string) => Promise<bigint>): Promise<Load> {
  const firstToken: number[] = [];
  const cpuBefore = cpu();
  const startedAt = performance.now();
  const client = async (name: number): Promise<void> => {
    for (let count = 0; performance.now() - startedAt < seconds * 1000; count += 1) {
      firstToken.push(toMs(await send(`Letter ${count} of client ${name}: dear all, the coffee is cold.`)));
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, async (_, name) => client(name)));
  return {
    requests: firstToken.length,
    seconds: (performance.now() - startedAt) / 1000,
    cpuSeconds: cpu() - cpuBefore,
    firstToken,
  };
}

function perSecond({ requests, seconds }: Load): number {
  return requests / seconds;
}

function row(name: string, load: Load): readonly string[] {
  return [
    name,
    String(load.requests),
    perSecond(load).toFixed(1),
    (load.cpuSeconds / load.requests).toFixed(3),
    median(load.firstToken).toFixed(0),
    percentile(load.firstToken, 0.9).toFixed(0),
  ];
}
