import assert from 'node:assert/strict';
import { z } from 'zod';
import { shownAction, shownFinding } from '../../../src/doctor/report.ts';
import { machineChecks } from '../../../src/host/doctor/doctor.ts';
import type { ByHand, Round } from './fault.ts';
import type { Place } from './place.ts';
import { must } from './place.ts';

const reportSchema = z.looseObject({
  current_version: z.string(),
  fail_count: z.int(),
  checks: z.array(shownFinding),
  next_action: shownAction,
});
export type Report = z.infer<typeof reportSchema>;

/** The checks that ask the CLI, the remote or Claude: the others take a tenth of a second. */
const slow = new Set([
  'cli_protocol',
  'cli_capabilities',
  'models_known',
  'oauth_ok',
  'profiles_ok',
  'current_version',
]);
const quick = machineChecks.filter(({ id }) => !slow.has(id)).flatMap(({ id }) => ['--check', id]);

/** `ocp doctor --json`. Its exit status fits what it found. */
export async function examine(place: Place, ...options: readonly string[]): Promise<Report> {
  const { status, out, err } = await place.here(['doctor', '--json', ...options].join(' '));
  assert.equal(err, '');
  const report = reportSchema.parse(JSON.parse(out));
  assert.equal(status, report.fail_count === 0 ? 0 : 1, out);
  assert.doesNotMatch(out, /sk-ant|ocp_[\w-]{32}/u, 'a key is shown');
  return report;
}

/** Asserts that nothing is wrong. How full the disk is, is the business of the machine that runs the tests. */
export function assertSound(report: Report, when: string): void {
  assert.deepEqual(complaints(report), [], when);
}

function complaints({ checks }: Report): readonly string[] {
  return checks
    .filter(({ id, level }) => (level === 'WARN' || level === 'FAIL') && id !== 'disk_space')
    .map(({ id, level, message, cause }) => `${level} ${id}: ${message} (${cause ?? ''})`);
}

function checkOf(complaint: string): string {
  return /^\w+ (\w+):/u.exec(complaint)?.[1] ?? '';
}

/** Makes every fault of the round, has doctor name each, mends them, and has doctor find nothing. */
export async function goThrough(place: Place, round: Round): Promise<void> {
  const checks = round.only === undefined ? quick : ['--check', round.only];
  const options = [...(round.asksCli === true ? [] : checks), ...(round.turn === true ? ['--turn'] : [])];
  const undo: ByHand[] = [];
  try {
    for (const { make } of round.faults) undo.push((await make(place)) ?? (() => {}));
    await nameAndMend(place, round, options);
  } finally {
    // One fault must not make another.
    for (const mend of undo) await mend();
  }
  const left = complaints(await examine(place, ...options)).filter((line) => checkOf(line) !== round.leaves);
  assert.deepEqual(left, [], 'it is not mended');
}

async function nameAndMend(place: Place, { faults, action }: Round, options: readonly string[]): Promise<void> {
  const named = await examine(place, ...options);
  for (const { name, check, level, says } of faults) {
    const found = named.checks.find(({ id }) => id === check);
    assert.equal(found?.level, level, `${name}\n${complaints(named).join('\n')}`);
    assert.match(`${found?.message} ${found?.cause ?? ''}`, says);
    assert.ok(found?.fix !== undefined, `${name}: it has no fix`);
  }
  const expected = new Set(faults.flatMap(({ check, also = [] }) => [check, ...also]));
  const others = complaints(named).filter((line) => !expected.has(checkOf(line)));
  assert.deepEqual(others, [], 'what is well is said to be ill');
  const { kind, ai_executable, human_required } = named.next_action;
  assert.equal(kind, action, complaints(named).join('\n'));
  if (kind !== 'noop') assert.ok(ai_executable.length + human_required.length > 1, 'nothing is to be done');

  if (faults.some(({ mend }) => mend === 'fix')) {
    const mended = await examine(place, '--fix', ...options);
    assert.deepEqual(z.object({ failed: z.array(z.string()) }).parse(mended['mended']).failed, []);
  }
  const commands = faults
    .filter(({ mend }) => mend === 'commands')
    .flatMap(({ check }) => named.checks.find(({ id }) => id === check)?.commands ?? []);
  for (const line of new Set(commands)) await must(place.sh(line));
}
