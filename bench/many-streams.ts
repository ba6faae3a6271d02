import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hrtime } from 'node:process';
import { fakeClaudeBinary, writeScenario } from '../test/support/fake-claude.ts';
import { streamChat } from './support/client.ts';
import { processCpu, residentMb } from './support/cpu.ts';
import type { BenchOptions, Section } from './support/report.ts';
import { createSandbox } from './support/sandbox.ts';
import { startOcp } from './support/servers.ts';
import { percentile, toMs } from './support/statistics.ts';

const MODEL = 'claude-sonnet-5-5';
const STREAMS = 256;
const TOKEN_INTERVAL_MS = 25;
const GATE = 'go';

/** 256 streams at once from as many scripted CLIs; every token is numbered, so that none can be lost or change places. */
export async function manyStreams({ quick, progress }: BenchOptions): Promise<Section> {
  const tokens = quick ? 100 : 400;
  const sandbox = createSandbox();
  writeScenario(sandbox.configDir, { tokens, intervalMs: TOKEN_INTERVAL_MS, gate: GATE });
  const ocp = await startOcp(sandbox, { CLAUDE_BIN: fakeClaudeBinary, CLAUDE_MAX_CONCURRENT: String(STREAMS) });
  try {
    await ocp.calm();
    const memoryBefore = residentMb(ocp.pid);
    const cpuBefore = processCpu(ocp.pid);
    let streaming = 0;
    let atOnce = 0;
    let openedAt = 0n;
    let memoryPeak = memoryBefore;
    const openGate = (): void => {
      openedAt = hrtime.bigint();
      writeFileSync(join(sandbox.configDir, GATE), '');
    };
    const expected = Array.from({ length: tokens }, (_, token) => `${token} `).join('');
    const answers = await Promise.all(
      Array.from({ length: STREAMS }, async (_, stream) => {
        let isFirst = true;
        const answer = await streamChat(
          ocp.url,
          { model: MODEL, messages: [{ role: 'user', content: `Count, number ${stream}.` }] },
          {
            onText: () => {
              if (!isFirst) return;
              isFirst = false;
              streaming += 1;
              atOnce = Math.max(atOnce, streaming);
              memoryPeak = Math.max(memoryPeak, residentMb(ocp.pid));
              progress(`many streams: ${streaming} are under way`);
              if (streaming === STREAMS) openGate();
            },
          },
        );
        streaming -= 1;
        // One that broke off before all had begun would leave the others waiting for it.
        if (openedAt === 0n) openGate();
        return answer;
      }),
    );
    memoryPeak = Math.max(memoryPeak, residentMb(ocp.pid));
    const broken = answers.filter(({ text, isComplete }) => text !== expected || !isComplete).length;
    const endedAt = answers.reduce((most, { endedAt }) => (endedAt > most ? endedAt : most), 0n);
    const seconds = toMs(endedAt - openedAt) / 1000;
    const total = STREAMS * tokens;
    const firstTokens = answers.map(({ sentAt, firstAt }) => toMs(firstAt - sentAt));
    return {
      title: `${STREAMS} streams at once`,
      method:
        `${STREAMS} requests at the same moment, each answered by a scripted CLI of its own with ${tokens} numbered ` +
        `tokens, one every ${TOKEN_INTERVAL_MS} ms, each written alone; none goes on before all have begun. Two spares were parked; all other processes had ` +
        'to be started. Each text is compared with what its CLI wrote.',
      columns: ['', 'found'],
      rows: [
        ['streams under way at the same time', String(atOnce)],
        ['frames', String(total)],
        ['frames a second', (total / seconds).toFixed(0)],
        ['streams with a lost, doubled or moved frame', String(broken)],
        ['first token, median ms', percentile(firstTokens, 0.5).toFixed(0)],
        ['first token, slowest ms', percentile(firstTokens, 1).toFixed(0)],
        ['CPU of OCP, all starts included, s', (processCpu(ocp.pid) - cpuBefore).toFixed(1)],
        ['memory of OCP before, MB', memoryBefore.toFixed(0)],
        ['memory of OCP at most, MB', memoryPeak.toFixed(0)],
      ],
      targets: [
        {
          text: `${STREAMS} streams at once without a lost or reordered frame`,
          found: `${atOnce} at once, ${broken} broken`,
          met: broken === 0 && atOnce === STREAMS,
        },
      ],
    };
  } finally {
    await ocp.stop();
    sandbox.remove();
  }
}
