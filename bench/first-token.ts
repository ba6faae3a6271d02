import type { BenchOptions, Section } from './support/report.ts';
import { streamChat, streamMessage } from './support/client.ts';
import { installedClaude, runOneShot } from './support/one-shot.ts';
import { createSandbox } from './support/sandbox.ts';
import { simulatedLogin, simulatedLoginOfOcp, startOcp, startSimulatorProcess } from './support/servers.ts';
import { median, percentile, toMs } from './support/statistics.ts';

const MODEL = 'claude-sonnet-5-5';
const TARGET_RATIO = 6;

const SYSTEM = 'You are a helpful assistant.';

type Kind = 'usual' | 'lean' | 'fresh' | 'known' | 'direct';

/** Time to the first token of a new conversation: one-shot process, OCP with a spare, the simulator itself. */
export async function firstToken({ quick, progress }: BenchOptions): Promise<Section> {
  const rounds = quick ? 8 : 40;
  const sandbox = createSandbox();
  const simulator = await startSimulatorProcess(sandbox);
  const ocp = await startOcp(sandbox, simulatedLoginOfOcp(simulator.url));
  const binary = await installedClaude();
  const env = { ...sandbox.env, ...simulatedLogin(simulator.url) };
  const times: Record<Kind, number[]> = { usual: [], lean: [], fresh: [], known: [], direct: [] };
  const askOcp = async (system: string, prompt: string): Promise<number> => {
    const messages = [
      { role: 'system', content: system },
      { role: 'user', content: prompt },
    ];
    const { firstAt, sentAt } = await streamChat(ocp.url, { model: MODEL, messages });
    return toMs(firstAt - sentAt);
  };
  try {
    for (const prompt of ['Good morning.', 'Good evening.']) {
      await ocp.calm();
      await askOcp(SYSTEM, prompt);
    }
    for (let round = 0; round < rounds; round += 1) {
      progress(`first token: round ${round + 1} of ${rounds}`);
      const system = `You are assistant number ${round}.`;
      const prompt = `Question ${round}: what is a spare good for?`;
      await ocp.calm(1);
      times.fresh.push(await askOcp(system, prompt));
      await ocp.calm(1);
      times.known.push(await askOcp(SYSTEM, prompt));
      await ocp.calm(1);
      for (const kind of ['usual', 'lean'] as const) {
        const workingDirectory = sandbox.workingDirectory();
        const oneShot = await runOneShot({ kind, binary, env, workingDirectory, model: MODEL, system, prompt });
        times[kind].push(toMs(oneShot.firstText));
      }
      const messages = [{ role: 'user', content: prompt }];
      const direct = await streamMessage(simulator.url, { model: MODEL, system, messages, max_tokens: 1024 });
      times.direct.push(toMs(direct.firstAt - direct.sentAt));
    }
    const origins = await ocp.origins();
    const expected = 2 + rounds * 2;
    if (origins['spare'] !== expected) throw new Error(`not every request met a spare: ${JSON.stringify(origins)}`);
  } finally {
    await ocp.stop();
    await simulator.stop();
    sandbox.remove();
  }
  const ratio = median(times.usual) / median(times.known);
  return {
    title: 'Time to the first token',
    method:
      `${rounds} rounds; in each one request of every kind, so that noise meets all of them. Every request begins a ` +
      'conversation; the simulator answers without delay. "One-shot" starts `claude -p` for the request, as other bridges ' +
      'do; "lean" adds every flag and switch by which OCP spares its own workers work. OCP has its spares parked when a ' +
      'request comes, and nothing else runs. "New set-up": a system prompt that OCP has never seen. "Known set-up": the ' +
      "system prompt of the client's last conversations with a new question, as most tools send it, for which OCP has made " +
      'a spare ready.',
    columns: ['', 'median ms', 'p90 ms', 'fastest ms', 'slowest ms', 'of one-shot'],
    rows: [
      row('one-shot `claude -p`', times.usual, times.usual),
      row('one-shot `claude -p`, lean', times.lean, times.usual),
      row('OCP with a spare, new set-up', times.fresh, times.usual),
      row('OCP with a spare, known set-up', times.known, times.usual),
      row('the simulator directly', times.direct, times.usual),
    ],
    targets: [
      {
        text: `a spare (known set-up) is at least ${TARGET_RATIO} times faster than a one-shot process`,
        found: `${ratio.toFixed(1)} times; new set-up ${(median(times.usual) / median(times.fresh)).toFixed(1)} times`,
        met: ratio >= TARGET_RATIO,
      },
    ],
  };
}

function row(name: string, times: readonly number[], base: readonly number[]): readonly string[] {
  return [
    name,
    median(times).toFixed(1),
    percentile(times, 0.9).toFixed(1),
    percentile(times, 0).toFixed(1),
    percentile(times, 1).toFixed(1),
    `${(median(base) / median(times)).toFixed(1)} ×`,
  ];
}
