import * as z from 'zod';
import { actionKinds } from './action-kinds.ts';
import type { Finding } from './finding.ts';
import { levels } from './finding.ts';

/** A finding as `--json` and `/api/doctor` show it. Contract: `checks` in section "CLI"; the rest is OCP's own. */
export const shownFinding = z.strictObject({
  id: z.string(),
  level: z.enum(levels),
  message: z.string(),
  cause: z.string().optional(),
  fix: z.string().optional(),
  /** Commands of the fix that a program may run as they are. */
  commands: z.array(z.string()).optional(),
  /** Steps that only a person can take. */
  human: z.array(z.string()).optional(),
  /** Whether `ocp doctor --fix` mends it. */
  fixable: z.boolean(),
});

export const shownAction = z.strictObject({
  kind: z.enum(actionKinds),
  human_required: z.array(z.string()),
  ai_executable: z.array(z.string()),
  verify: z.string(),
  reference: z.string().optional(),
});

/** A finding without what only OCP itself can use. */
export function showFinding({
  id,
  level,
  message,
  cause,
  fix,
  commands,
  human,
  repair,
}: Finding): z.output<typeof shownFinding> {
  return {
    id,
    level,
    message,
    ...(cause === undefined ? {} : { cause }),
    ...(fix === undefined ? {} : { fix }),
    ...(commands === undefined ? {} : { commands: [...commands] }),
    ...(human === undefined ? {} : { human: [...human] }),
    fixable: repair !== undefined,
  };
}

export function countLevel(findings: readonly Finding[], level: Finding['level']): number {
  return findings.filter((finding) => finding.level === level).length;
}
