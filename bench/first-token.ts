import type { BenchOptions, Section } from './support/report.ts';
import { streamChat, streamMessage } from './support/client.ts';
import { installedClaude, runOneShot } from './support/one-shot.ts';
import { createSandbox } from './support/sandbox.ts';
import { simulatedLogin, simulatedLoginOfOcp, startOcp, startSimulatorProcess } from './support/servers.ts';
import { median, percentile, toMs } from './support/statistics.ts';

const MODEL = 'claude-sonnet-5-5';
/** Spares that OCP parks of the model that was used last. */
const FULL_POOL = 2;
const TARGET_RATIO = 6;

/** Time to the first token of a fresh request: one-shot process, OCP with a spare, the simulator itself. */
export async function firstToken({ quick, progress }: BenchOptions): Promise<Section> {
  const rounds = quick ? 8 : 40;
  const sandbox = createSandbox();
  const simulator = await startSimulatorProcess(sandbox);
  const ocp = await startOcp(sandbox, simulatedLoginOfOcp(simulator.url));
  const binary = await installedClaude();
  const env = { ...sandbox.env, ...simulatedLogin(simulator.url) };
  const times: Record<'usual' | 'lean' | 'spare' | 'direct', number[]> = { usual: [], lean: [], spare: [], direct: [] };
  try {
    for (let round = 0; round < rounds; round += 1) {
      progress(`first token: round ${round + 1} of ${rounds}`);
      const system = `You are assistant number ${round}.`;
      const prompt = `Question ${round}: what is a spare good for?`;
      const body = { model: MODEL, messages: [{ role: 'user', content: prompt }] };
      await ocp.calm(FULL_POOL);
      const chatBody = { ...body, messages: [{ role: 'system', content: system }, ...body.messages] };
      const spare = await streamChat(ocp.url, chatBody);
      await ocp.calm(FULL_POOL);
      for (const kind of ['usual', 'lean'] as const) {
        const workingDirectory = sandbox.workingDirectory();
        const oneShot = await runOneShot({ kind, binary, env, workingDirectory, model: MODEL, system, prompt });
        times[kind].push(toMs(oneShot.firstText));
      }
      const direct = await streamMessage(simulator.url, { ...body, system, max_tokens: 1024 });
      times.spare.push(toMs(spare.firstAt - spare.sentAt));
      times.direct.push(toMs(direct.firstAt - direct.sentAt));
    }
    const origins = await ocp.origins();
    if (origins['spare'] !== rounds) throw new Error(`not every request met a spare: ${JSON.stringify(origins)}`);
  } finally {
    await ocp.stop();
    await simulator.stop();
    sandbox.remove();
  }
  const ratio = median(times.usual) / median(times.spare);
  return {
    title: 'Time to the first token',
    method:
      `${rounds} rounds; in each one request of every kind, so that noise meets all of them. Every request has a system ` +
      'prompt and a question of its own; the simulator answers without delay. "One-shot" starts `claude -p` for the ' +
      'request, as other bridges do; "lean" adds every flag and switch by which OCP spares its own workers work. OCP has ' +
      'two spares parked when its request comes; nothing else runs.',
    columns: ['', 'median ms', 'p90 ms', 'fastest ms', 'slowest ms', 'of one-shot'],
    rows: [
      row('one-shot `claude -p`', times.usual, times.usual),
      row('one-shot `claude -p`, lean', times.lean, times.usual),
      row('OCP with a spare', times.spare, times.usual),
      row('the simulator directly', times.direct, times.usual),
    ],
    targets: [
      {
        text: `a spare is at least ${TARGET_RATIO} times faster than a one-shot process`,
        found: `${ratio.toFixed(1)} times`,
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
