import { compareVersions } from '../../claude/version.ts';
import { sharedChecks } from '../../doctor/checks.ts';
import type { Check, Finding } from '../../doctor/finding.ts';
import { runChecks } from '../../doctor/finding.ts';
import type { NextAction, Proposal } from '../../doctor/next-action.ts';
import { nextAction } from '../../doctor/next-action.ts';
import type { LatestVersion } from '../latest-version.ts';
import type { MachineBench } from './machine-bench.ts';
import { openClawChecks } from './openclaw-check.ts';
import { serviceChecks } from './service-checks.ts';
import { versionChecks } from './version-checks.ts';
import { wayChecks } from './way-checks.ts';

/** Every check of `ocp doctor`, in the order in which it shows them. */
export const machineChecks: readonly Check<MachineBench>[] = [
  ...versionChecks,
  ...serviceChecks,
  ...sharedChecks,
  ...openClawChecks,
  ...wayChecks,
];

/** What doctor found on this machine. */
export interface Diagnosis {
  readonly findings: readonly Finding[];
  /** Undefined where nobody asked for it. */
  readonly latest: LatestVersion | undefined;
  readonly action: NextAction;
}

/** Looks at everything, or at the checks of these ids alone. Changes nothing. */
export async function runDoctor(bench: MachineBench, ids?: readonly string[]): Promise<Diagnosis> {
  const chosen = ids === undefined ? machineChecks : machineChecks.filter(({ id }) => ids.includes(id));
  const findings = await runChecks(chosen, bench);
  const latest = chosen.some(({ id }) => id === 'current_version') ? await bench.latest() : undefined;
  return { findings, latest, action: nextAction(findings, updateTo(latest, bench), bench.ocp) };
}

/** What doctor did about its findings, one line each. */
export interface Mending {
  readonly done: readonly string[];
  readonly failed: readonly string[];
}

/** Does what loses nothing about every finding that it can mend, and restarts the server where that is needed for it. */
export async function mend(findings: readonly Finding[], bench: MachineBench): Promise<Mending> {
  const done: string[] = [];
  const failed: string[] = [];
  const attempt = async (what: string, run: () => Promise<string>): Promise<void> => {
    try {
      done.push(`${what}: ${await run()}`);
    } catch (error) {
      bench.machine.signal.throwIfAborted();
      failed.push(`${what}: ${error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error)}`);
    }
  };
  const repairs = findings.flatMap(({ id, repair }) => (repair === undefined ? [] : [{ id, repair }]));
  const restarts = repairs.filter(({ repair }) => repair.run === bench.restart);
  for (const { id, repair } of repairs.filter((each) => !restarts.includes(each))) await attempt(id, repair.run);
  const needsRestart = repairs.some(({ repair }) => repair.needsRestart === true);
  const { state } = await bench.service();
  const [first] = restarts;
  if (first !== undefined) await attempt(first.id, bench.restart);
  else if (needsRestart && state.isRunning) await attempt('restart', bench.restart);
  return { done, failed };
}

function updateTo(latest: LatestVersion | undefined, { installation, ocp }: MachineBench): readonly Proposal[] {
  const { version, kind } = installation;
  if (latest?.version === undefined || version === undefined || kind === 'unknown') return [];
  if (compareVersions(latest.version, version) <= 0) return [];
  const minor = (text: string): string => text.split('.').slice(0, 2).join('.');
  return [{ kind: minor(latest.version) === minor(version) ? 'update' : 'upgrade', commands: [`${ocp} update --yes`] }];
}
