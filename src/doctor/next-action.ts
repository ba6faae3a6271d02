import type { ActionKind } from './action-kinds.ts';
import { actionKinds } from './action-kinds.ts';
import type { Finding } from './finding.ts';

/** What to do next. Contract: `next_action` in section "CLI" of OCP's contract. */
export interface NextAction {
  readonly kind: ActionKind;
  /** Steps that only a person can take, before the commands. */
  readonly human_required: readonly string[];
  /** Commands that a program may run as they are, in this order. */
  readonly ai_executable: readonly string[];
  /** The command that shows whether it helped. */
  readonly verify: string;
  /** Where more is written. */
  readonly reference?: string;
}

/** An action that no single check asks for, such as an update. */
export interface Proposal {
  readonly kind: ActionKind;
  readonly human?: readonly string[];
  readonly commands?: readonly string[];
}

/**
 * The most urgent thing to do: what failed, by the order of the kinds; then what can be mended without losing anything; then
 * what is proposed besides. `ocp` is how OCP is called, quoted for a shell.
 */
export function nextAction(findings: readonly Finding[], proposals: readonly Proposal[], ocp: string): NextAction {
  const verify = `${ocp} doctor --json`;
  const reference = 'docs/troubleshooting.md';
  const failed = findings.filter(({ level }) => level === 'FAIL');
  const first = byUrgency(failed)[0] ?? byUrgency(findings.filter(isMendable))[0];
  if (first !== undefined) {
    const kind = first.kind === 'noop' ? 'fix' : first.kind;
    const together = (failed.length > 0 ? failed : findings.filter(isMendable)).filter(
      (each) => each.kind === first.kind,
    );
    return {
      kind,
      human_required: unique(together.flatMap(({ human }) => human ?? [])),
      ai_executable: [...unique(together.flatMap((finding) => commandsOf(finding, ocp))), verify],
      verify,
      reference,
    };
  }
  const proposal = byUrgency(proposals)[0];
  if (proposal === undefined) return { kind: 'noop', human_required: [], ai_executable: [], verify };
  const { kind, human = [], commands = [] } = proposal;
  return { kind, human_required: human, ai_executable: [...commands, verify], verify, reference };
}

/** Nothing has failed, but it can be made right without losing anything. */
function isMendable({ level, repair, kind }: Finding): boolean {
  return level === 'WARN' && (repair !== undefined || kind === 'restart');
}

function commandsOf({ commands, repair }: Finding, ocp: string): readonly string[] {
  return commands ?? (repair === undefined ? [] : [`${ocp} doctor --fix`]);
}

function byUrgency<T extends { readonly kind: ActionKind }>(items: readonly T[]): readonly T[] {
  return items.toSorted((a, b) => actionKinds.indexOf(a.kind) - actionKinds.indexOf(b.kind));
}

function unique(items: readonly string[]): readonly string[] {
  return [...new Set(items)];
}
