import { rmSync } from 'node:fs';
import type { ActionKind } from '../../doctor/action-kinds.ts';
import type { Check, Verdict } from '../../doctor/finding.ts';
import type { MachineBench, TurnOutcome } from './machine-bench.ts';

/** The way from a client to Claude, and what earlier runs left on it. */
export const wayChecks: readonly Check<MachineBench>[] = [
  {
    id: 'host_names',
    means: "The server answers under this machine's name and addresses, and under those of `OCP_ALLOWED_HOSTS`.",
    remedy: '`ocp restart` when an address is new; list other names in `OCP_ALLOWED_HOSTS`.',
    kind: 'restart',
    async run({ hosts, ocp }) {
      const answers = await hosts();
      if (answers.length === 0) return undefined;
      const refused = answers.filter(({ isAccepted }) => !isAccepted).map(({ host }) => host);
      if (refused.length === 0) {
        return { level: 'PASS', message: `the server answers as ${answers.map(({ host }) => host).join(', ')}` };
      }
      return {
        level: 'WARN',
        message: `the server does not answer as ${refused.join(', ')}`,
        cause:
          'the name or address is newer than the server, which learns of them at its start; or it is not in OCP_ALLOWED_HOSTS',
        fix: `${ocp} restart; a name that is not the machine's own belongs into OCP_ALLOWED_HOSTS`,
        commands: [`${ocp} restart`],
      };
    },
  },
  {
    id: 'upstream_reachable',
    means: 'A connection to Anthropic, or to the proxy on the way, can be opened. Nothing is sent.',
    remedy: 'Look at the network, the firewall and `HTTPS_PROXY`.',
    kind: 'fix_network',
    async run({ upstream }) {
      const found = await upstream();
      if (found === undefined) return undefined;
      if (found.problem === undefined) return { level: 'PASS', message: `${found.address} can be reached` };
      return {
        level: 'WARN',
        message: `${found.address} cannot be reached: ${found.problem}`,
        cause:
          'this machine is offline, its name server does not answer, or a firewall or a missing proxy is in the way',
        fix: 'look at the network; where a proxy is needed, set HTTPS_PROXY in config.json',
        human: ["Mend the machine's way to the internet."],
      };
    },
  },
  {
    id: 'leftovers',
    means: 'Nothing is left of an OCP that was killed: no worker, no folder, no PID file.',
    remedy: '`ocp doctor --fix` clears it away; the next start does as well.',
    kind: 'fix',
    async run({ abandoned, sweep, stalePidFile, ocp }) {
      const [folders, pidFile] = await Promise.all([abandoned(), stalePidFile()]);
      if (folders.length === 0 && pidFile === undefined)
        return { level: 'PASS', message: 'nothing is left of earlier runs' };
      const left = [
        ...(pidFile === undefined ? [] : [`the PID file ${pidFile} of a process that has ended`]),
        ...(folders.length === 0 ? [] : [`${counted(folders.length)} of workers whose OCP is gone`]),
      ];
      return {
        level: 'WARN',
        message: left.join(', '),
        cause: 'an OCP was killed together with what watches over its workers, or the machine lost power',
        fix: `${ocp} doctor --fix clears it away`,
        commands: [`${ocp} doctor --fix`],
        repair: {
          run: async () => {
            if (pidFile !== undefined) rmSync(pidFile, { force: true });
            const swept = await sweep();
            return `cleared away ${[...(pidFile === undefined ? [] : [pidFile]), ...(folders.length === 0 ? [] : [`${counted(swept)} of workers`])].join(' and ')}`;
          },
        },
      };
    },
  },
  {
    id: 'real_turn',
    means: 'Claude answers a question through the running server (only with `--turn`: it is a real, small request).',
    remedy: 'What the error says; the other checks tell more.',
    kind: 'fix_network',
    async run({ turn }) {
      const outcome = await turn?.();
      if (outcome === undefined) return undefined;
      if (outcome.kind === 'answered') {
        return { level: 'PASS', message: `${outcome.model} answered in ${(outcome.ms / 1000).toFixed(1)} s` };
      }
      return {
        level: 'FAIL',
        message:
          outcome.kind === 'silent'
            ? `no answer: ${outcome.reason}`
            : `the server answered ${outcome.status}: ${outcome.message}`,
        ...remedyOf(outcome),
      };
    },
  },
];

/** What usually helps against the errors of a turn. */
function remedyOf(outcome: Exclude<TurnOutcome, { kind: 'answered' }>): Omit<Verdict, 'level' | 'message'> {
  const step = (kind: ActionKind, cause: string, fix: string): Omit<Verdict, 'level' | 'message'> => ({
    kind,
    cause,
    fix,
    human: [`${fix.charAt(0).toUpperCase()}${fix.slice(1)}.`],
  });
  switch (outcome.kind === 'silent' ? 'silent' : outcome.code) {
    case 'silent':
      return step('fix_service', 'the server does not answer', 'look at the other findings first');
    case 'not_logged_in':
      return step('fix_oauth', 'Anthropic does not accept the login', 'log in again: claude auth login');
    case 'plan_limit_reached':
      return step('wait_for_plan', 'the plan has nothing left', 'wait for the reset, or use another login');
    case 'invalid_api_key':
      return step(
        'fix_config',
        'OCP asks callers on this machine for a key',
        'set OCP_TRUST_LOOPBACK, or make an admin key',
      );
    case 'cli_unavailable':
      return step('fix_cli', 'the Claude CLI cannot be driven', 'look at the findings about the CLI');
    case 'loop_detected':
      return step('fix_config', 'the CLI is sent to OCP itself', 'take ANTHROPIC_BASE_URL out of OCP_CLAUDE_ENV');
    default:
      return step(
        'fix_network',
        'Anthropic or the way to it failed',
        'try again in a minute; ocp logs 20 warn tells more',
      );
  }
}

function counted(folders: number): string {
  return folders === 1 ? 'one folder' : `${folders} folders`;
}
