import { preview } from './address.ts';
import type { FileOutcome } from './carry-out.ts';
import type { UndoneFile } from './files/undo.ts';
import { isChange, isHindrance } from './files/change.ts';
import { unifiedDiff } from './files/diff.ts';
import type { Machine } from './machine.ts';
import { homely } from './machine.ts';
import type { Offer } from './offer.ts';
import type { Prepared } from './prepare.ts';

/** One line about a file that was, or was not, changed. */
export function outcomeLine(machine: Machine, { path, outcome, problem }: FileOutcome): string {
  const name = homely(machine, path);
  if (outcome === 'left') return `  ✗ ${name} is left alone: ${problem ?? ''}`;
  return outcome === 'changed' ? `  ✓ ${name}` : `  ✓ ${name} says so already`;
}

/** What would be done to each file. */
export function preparedLines(machine: Machine, { changes }: Prepared): readonly string[] {
  return changes.map((change) => {
    const name = homely(machine, change.path);
    if (isHindrance(change)) return `    ✗ ${name} would be left alone: ${change.problem}`;
    if (!isChange(change)) return `    ✓ ${name} says so already`;
    return `    → ${name} would be ${change.found.bytes === undefined ? 'written' : 'changed'}`;
  });
}

/** Instructions of Codex are one line of many thousand characters. */
const longest = 300;

/** What would be done, as a diff in which keys are cut. */
export function diffLines({ changes }: Prepared, offer: Offer): readonly string[] {
  return changes.flatMap((change) => {
    if (isHindrance(change)) return [`# ${change.path} would be left alone: ${change.problem}`];
    const lines = unifiedDiff(change.path, change.before, change.after, change.found.bytes === undefined).map((line) =>
      line.length > longest ? `${line.slice(0, longest)} …` : line,
    );
    return offer.hasKey ? lines.map((line) => line.replaceAll(offer.key, preview(offer.key))) : lines;
  });
}

const undone: Readonly<Record<UndoneFile['outcome'], string>> = {
  restored: '✓ is as it was before',
  cleaned: '✓ was changed since; what OCP wrote is out of it',
  gone: '✓ is removed: it was not there before',
  unchanged: '✓ had nothing of OCP left',
  left: '✗ is left alone',
};

/** One line about a file after an undo. */
export function undoneLine(machine: Machine, { path, outcome, problem }: UndoneFile): string {
  const [sign = '', ...words] = undone[outcome].split(' ');
  return `${sign} ${homely(machine, path)} ${words.join(' ')}${problem === undefined ? '' : `: ${problem}`}`;
}
