import type { Finding, Level } from '../doctor/finding.ts';
import { countLevel } from '../doctor/report.ts';
import type { Diagnosis, Mending } from '../host/doctor/doctor.ts';
import { machineChecks, mend, runDoctor } from '../host/doctor/doctor.ts';
import type { MachineBench } from '../host/doctor/machine-bench.ts';
import { machineBench } from '../host/doctor/probes.ts';
import { doctorReport } from '../host/doctor/report.ts';
import { thisMachine } from '../host/machine.ts';
import type { CommandContext, CommandIo } from './command.ts';
import { UsageError } from './command.ts';
import { openClawList } from './doctor-openclaw.ts';
import { clean } from './output/clean.ts';
import { printJson } from './output/json.ts';
import type { Style } from './output/paint.ts';
import { painter } from './output/paint.ts';
import { withSpinner } from './output/spinner.ts';

interface DoctorOptions {
  readonly json?: boolean;
  readonly check?: readonly string[];
  readonly fix?: boolean;
  readonly turn?: boolean;
}

/** Runs doctor; `look` makes what it looks at, anew after everything that was mended. */
export async function examine(
  options: DoctorOptions,
  context: CommandContext,
  look: () => Promise<MachineBench> = async () => {
    const machine = thisMachine(context.env, context.packageRoot, context.io.signal);
    return machineBench(machine, {
      openclaw: openClawList(machine, context.packageRoot),
      turn: options.turn === true,
    });
  },
): Promise<number> {
  const { io } = context;
  const ids = options.check === undefined ? undefined : options.check.flatMap(idsOf);
  let bench = await look();
  let diagnosis = await withSpinner(io, 'looking', async () => runDoctor(bench, ids));
  let mending: Mending | undefined;
  if (options.fix === true) {
    mending = await withSpinner(io, 'mending', async () => mend(diagnosis.findings, bench));
    if (mending.done.length > 0) {
      bench = await look();
      diagnosis = await withSpinner(io, 'looking again', async () => runDoctor(bench, ids));
    }
  }
  if (options.json === true) printJson(io, await doctorReport(diagnosis, bench, mending));
  else printDiagnosis(io, diagnosis, bench, mending);
  return countLevel(diagnosis.findings, 'FAIL') === 0 ? 0 : 1;
}

/** The checks that a word names: its id, or how the id begins. Raises UsageError. */
function idsOf(word: string): readonly string[] {
  const all = machineChecks.map(({ id }) => id);
  const named = all.includes(word) ? [word] : all.filter((id) => id.startsWith(`${word}_`));
  if (named.length > 0) return named;
  throw new UsageError(`there is no check ${JSON.stringify(word)}; there are ${all.join(', ')}`);
}

const styles: Readonly<Record<Level, Style>> = { PASS: 'green', INFO: 'cyan', WARN: 'yellow', FAIL: 'red' };

function printDiagnosis(
  io: CommandIo,
  { findings, latest, action }: Diagnosis,
  { installation }: MachineBench,
  mending: Mending | undefined,
): void {
  const paint = painter(io);
  const print = (text: string): void => io.stdout(clean(text));
  io.stdout(`OCP doctor — ${installation.version ?? 'unknown'} → ${latest?.version ?? 'unknown'}`);
  for (const line of mending?.done ?? []) io.stdout(`${paint('green', '[FIXED]')} ${clean(line)}`);
  for (const line of mending?.failed ?? []) io.stdout(`${paint('red', '[NOT FIXED]')} ${clean(line)}`);
  for (const finding of findings) {
    io.stdout(`${paint(styles[finding.level], `[${finding.level}]`)} ${finding.id}: ${clean(finding.message)}`);
    if (finding.level === 'PASS') continue;
    printDetail(print, finding);
  }
  const mendable = findings.some(({ repair, level }) => repair !== undefined && level !== 'PASS');
  io.stdout('');
  io.stdout(`Summary: ${countLevel(findings, 'FAIL')} FAIL, ${countLevel(findings, 'WARN')} WARN`);
  if (mendable && mending === undefined) io.stdout('Some of it can be mended here and now: ocp doctor --fix');
  io.stdout(`Next action: ${action.kind}`);
  for (const step of action.human_required) print(`  you:  ${step}`);
  for (const line of action.ai_executable) print(`  run:  ${line}`);
}

function printDetail(print: (text: string) => void, { cause, fix }: Finding): void {
  if (cause !== undefined) print(`       why:  ${cause}`);
  if (fix !== undefined) print(`       fix:  ${fix}`);
}
