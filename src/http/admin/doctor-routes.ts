import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { Bench } from '../../doctor/bench.ts';
import { sharedChecks } from '../../doctor/checks.ts';
import type { Finding } from '../../doctor/finding.ts';
import { runChecks } from '../../doctor/finding.ts';
import { nextAction } from '../../doctor/next-action.ts';
import { countLevel, showFinding, shownAction, shownFinding } from '../../doctor/report.ts';
import { isoTime } from './key-view.ts';

/** How long an examination is shown again, ms: it starts processes of the CLI. */
const FRESH_MS = 10_000;

export interface DoctorRouteOptions {
  /** What the checks look at, made anew for each examination. */
  readonly doctor: () => Bench;
}

interface Examination {
  readonly at: number;
  readonly ocp: string;
  readonly findings: readonly Finding[];
}

const answer = z.strictObject({
  timestamp: z.iso.datetime(),
  fail_count: z.int(),
  warn_count: z.int(),
  checks: z.array(shownFinding),
  next_action: shownAction,
  /** The command that looks at more than a server can see of itself. */
  command: z.string(),
});

/** `GET /api/doctor`: what `ocp doctor` finds, as far as the server can look at it. */
export function addDoctorRoutes(server: FastifyInstance, { doctor }: DoctorRouteOptions): void {
  let last: Promise<Examination> | undefined;
  let examinedAt = 0;
  const examine = async (): Promise<Examination> => {
    const bench = doctor();
    const at = bench.now();
    if (last !== undefined && Math.abs(at - examinedAt) < FRESH_MS) return last;
    examinedAt = at;
    last = runChecks(sharedChecks, bench).then((findings) => ({ at, ocp: bench.ocp, findings }));
    return last;
  };
  server.get(
    '/api/doctor',
    {
      config: {
        access: 'admin',
        docs: {
          summary: 'Look for everything that can go wrong, as far as the server can see it',
          answers: { 200: answer },
        },
      },
    },
    async (): Promise<z.input<typeof answer>> => {
      const { at, ocp, findings } = await examine();
      const action = nextAction(findings, [], ocp);
      return {
        timestamp: isoTime(at),
        fail_count: countLevel(findings, 'FAIL'),
        warn_count: countLevel(findings, 'WARN'),
        checks: findings.map(showFinding),
        next_action: {
          ...action,
          human_required: [...action.human_required],
          ai_executable: [...action.ai_executable],
        },
        command: `${ocp} doctor`,
      };
    },
  );
}
