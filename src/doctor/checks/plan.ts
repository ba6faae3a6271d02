import type { Plan } from '../../claude/plan.ts';
import type { Bench } from '../bench.ts';
import type { Check } from '../finding.ts';

/** The share of a window from which it is said to be nearly used up. */
const NEARLY = 0.9;

/** What is left of each login's plan, as far as the CLI has told. */
export const planChecks: readonly Check<Bench>[] = [
  {
    id: 'plan_use',
    means: 'Anthropic has let every request since the start draw on the plan, whichever program it came from.',
    remedy:
      'Use of a plan by other tools is at the discretion of Anthropic, which may refuse it or charge it to usage credits ' +
      '(support.claude.com, article 13189465). Enable usage credits for the account, or bind the key to a profile with an API ' +
      'key. OCP repeats no such request and works around no such rule.',
    kind: 'noop',
    async run({ server }) {
      const refused = (await server())?.planUseRefused;
      if (refused === undefined) return undefined;
      const clients = Object.entries(refused).map(([client, count]) => `${client} (${count})`);
      if (clients.length === 0) return { level: 'PASS', message: 'no request was refused for drawing on the plan' };
      return {
        level: 'WARN',
        message: `Anthropic did not let these clients draw on the plan: ${clients.join(', ')}`,
        cause:
          'use of a plan by other tools is at the discretion of Anthropic, which may ask for usage credits instead',
        fix: 'enable usage credits for the account, or bind the key to a profile with an API key',
        human: ['Decide whether to enable usage credits for the account, or to use an API key.'],
      };
    },
  },
  {
    id: 'plan_windows',
    means: 'The plan of each login has something left: while a window is used up, requests are answered 429.',
    remedy: 'Wait for the reset that is named, allow extra usage in the account, or bind keys to another profile.',
    kind: 'wait_for_plan',
    async run({ plans, now }) {
      const known = await plans();
      if (known.size === 0)
        return { level: 'INFO', message: 'nothing is known of the plan: no turn has told of one yet' };
      const used = [...known].flatMap(([profile, plan]) => exhausted(plan, now()).map((text) => `${profile}: ${text}`));
      if (used.length > 0) {
        return {
          level: 'FAIL',
          message: `used up: ${used.join('; ')}`,
          cause: 'the plan of this login allows no more until then; OCP answers 429 with Retry-After',
          fix: 'wait for the reset, allow extra usage in the account, or bind keys to another profile',
          human: [`Wait for the reset (${used.join('; ')}), allow extra usage in the account, or use another login.`],
        };
      }
      const near = [...known].flatMap(([profile, plan]) => nearly(plan, now()).map((text) => `${profile}: ${text}`));
      if (near.length > 0) {
        return {
          level: 'WARN',
          message: `nearly used up: ${near.join('; ')}`,
          cause: 'requests are answered 429 once a window is used up',
          fix: 'use less until the reset: quotas for keys, a smaller model, or another login',
        };
      }
      return { level: 'PASS', message: 'every known window of the plan has something left' };
    },
  },
];

function exhausted({ exhausted: windows }: Plan, now: number): string[] {
  return Object.entries(windows)
    .filter(([, { resetsAt }]) => resetsAt * 1000 > now)
    .map(([name, { resetsAt }]) => `${windowName(name)} until ${time(resetsAt)}`);
}

function nearly({ windows }: Plan, now: number): string[] {
  return Object.entries(windows)
    .filter(
      ([, { utilization, resetsAt }]) =>
        utilization !== null && utilization >= NEARLY && (resetsAt === null || resetsAt * 1000 > now),
    )
    .map(
      ([name, { utilization, resetsAt }]) =>
        `${windowName(name)} ${Math.round((utilization ?? 0) * 100)} %${resetsAt === null ? '' : `, resets ${time(resetsAt)}`}`,
    );
}

function windowName(name: string): string {
  if (name === 'five_hour') return '5 hours';
  return name.startsWith('seven_day') ? `7 days${name.slice('seven_day'.length).replace('_', ' ')}` : name;
}

function time(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/:\d\d\.\d{3}Z$/u, 'Z');
}
