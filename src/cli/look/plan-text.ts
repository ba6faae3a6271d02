import type { CommandIo } from '../command.ts';
import { clean } from '../output/clean.ts';
import type { Field } from '../output/fields.ts';
import { compactText } from '../output/format.ts';
import type { Style } from '../output/paint.ts';
import { painter } from '../output/paint.ts';
import type { Cell } from '../output/table.ts';
import { printTable } from '../output/table.ts';
import { pad } from '../output/width.ts';
import type { Overview, PlanAnswer, PlanWindow } from './plan-answers.ts';

/** Prints the plan's windows. Contract: the block "Plan Usage Limits" of `ocp usage`. */
export function printPlan(io: CommandIo, { plan, error }: Pick<Overview, 'plan' | 'error'>): void {
  const paint = painter(io);
  io.stdout(paint('bold', 'Plan Usage Limits'));
  io.stdout('─'.repeat(Math.min(37, io.terminal?.columns() ?? 37)));
  if (plan === null) {
    io.stdout(`  ${clean(error ?? 'Not known: it is told with the first answer, and not for an API key.')}`);
    return;
  }
  const width = 22;
  for (const [name, window] of windowsOf(plan)) {
    const used = usedCell(window);
    const text = typeof used === 'string' ? used : paint(used.style, used.text);
    io.stdout(`  ${pad(clean(name), width)}${text}`);
    if (window.resetsIn !== null) {
      io.stdout(`    Resets in ${clean(window.resetsIn)} (${clean(window.resetsAtHuman ?? '')})`);
    }
  }
  const { status, disabledReason } = plan.extraUsage;
  const reason = disabledReason === undefined ? '' : ` (${clean(disabledReason)})`;
  io.stdout(`  ${pad('Extra usage', width)}${clean(status)}${reason}`);
}

/** The plan's windows as fields of `ocp status`. */
export function planFields(plan: PlanAnswer | string | null): readonly Field[] {
  if (plan === null) return [['Plan', 'not known yet']];
  if (typeof plan === 'string') return [['Plan', { text: plan, style: 'yellow' }]];
  return windowsOf(plan).map(([name, window]) => {
    const used = usedCell(window);
    const until = window.resetsIn === null ? '' : `, resets in ${window.resetsIn}`;
    return [name, typeof used === 'string' ? `${used}${until}` : { ...used, text: `${used.text}${until}` }];
  });
}

/** Prints what was asked of each model since the start. Contract: the block "Model Stats" of `ocp usage`. */
export function printModelStats(io: CommandIo, { models, proxy }: Overview): void {
  const rows = Object.entries(models);
  io.stdout('');
  io.stdout(painter(io)('bold', 'Model Stats'));
  if (rows.length === 0) io.stdout('  No requests since the start.');
  else {
    const total = rows.reduce((sum, [, { requests }]) => sum + requests, 0);
    printTable(
      io,
      [
        { title: 'Model', least: 8 },
        ...['Req', 'OK'].map((title) => ({ title, align: 'right' as const })),
        { title: 'Er', align: 'right' },
        { title: 'AvgT', align: 'right', drop: 1 },
        { title: 'MaxT', align: 'right', drop: 2 },
        { title: 'AvgP', align: 'right', drop: 3 },
        { title: 'MaxP', align: 'right', drop: 4 },
      ],
      [
        ...rows.map(([name, stats]): Cell[] => [
          name,
          String(stats.requests),
          String(stats.successes),
          stats.errors === 0 ? '0' : { text: String(stats.errors), style: 'red' },
          seconds(stats.avgElapsed),
          seconds(stats.maxElapsed),
          compactText(stats.avgPromptChars),
          compactText(stats.maxPromptChars),
        ]),
        ['Total', String(total)],
      ],
      { rule: true },
    );
  }
  io.stdout('');
  io.stdout(
    `Proxy: up ${clean(proxy.uptime)} | ${proxy.totalRequests} reqs | ${proxy.errors} err | ${proxy.timeouts} timeout`,
  );
}

function windowsOf({ currentSession, weeklyLimits }: PlanAnswer): readonly (readonly [string, PlanWindow])[] {
  const { allModels, ...ofModels } = weeklyLimits;
  return [
    ['Current session', currentSession],
    ...(allModels === undefined ? [] : [['Weekly (all models)', allModels] as const]),
    ...Object.entries(ofModels).map(([model, window]) => [`Weekly (${model})`, window] as const),
  ];
}

function usedCell({ percent, utilization }: PlanWindow): Cell {
  if (percent === null || utilization === null) return 'not known';
  const style: Style = utilization >= 0.8 ? 'red' : utilization >= 0.5 ? 'yellow' : 'green';
  return { text: `${percent} used`, style };
}

function seconds(ms: number): string {
  return `${ms < 9950 ? (ms / 1000).toFixed(1) : Math.round(ms / 1000)}s`;
}
