import type { Check, Verdict } from '../../doctor/finding.ts';
import { isLingering } from '../service/systemd.ts';
import { perform } from '../steps.ts';
import type { MachineBench } from './machine-bench.ts';
import { bringBack, takeAway } from './service-commands.ts';

/** Starts by itself so often that something is wrong with it. */
const MANY_RESTARTS = 3;

/** What keeps OCP running: its unit, the server, the port. */
export const serviceChecks: readonly Check<MachineBench>[] = [
  {
    id: 'service_installed',
    means: 'OCP is installed as a service, as this version of it writes the service.',
    remedy: '`ocp setup` installs it; `ocp restart` brings its definition up to date.',
    kind: 'fix_service',
    async run(bench) {
      const { ocp } = bench;
      const { service, state, toInstall, inherited } = await bench.service();
      if (!state.isInstalled) {
        return {
          level: 'INFO',
          message: `OCP is not installed as a service (${state.kind})`,
          fix: `${ocp} setup, so that it starts by itself`,
        };
      }
      const changes = toInstall.filter((step) => step.kind === 'write' && step.path === state.definition);
      if (changes.length === 0) return { level: 'PASS', message: `${state.definition} is as it should be` };
      return {
        level: 'WARN',
        message: `${state.definition} is not as this OCP writes it`,
        cause:
          inherited.length > 0
            ? `it says what belongs into config.json; at a restart: ${inherited.join('; ')}`
            : 'OCP was moved or updated, or the file was edited',
        fix: `${ocp} restart rewrites it and restarts the server`,
        commands: [`${ocp} restart`],
        repair: {
          needsRestart: true,
          run: async () => {
            await service.install();
            return `rewrote ${state.definition}`;
          },
        },
      };
    },
  },
  {
    id: 'service_lingers',
    means:
      "On Linux the user's services run without anybody being logged in (lingering); else OCP stops with the last logout.",
    remedy: '`loginctl enable-linger`.',
    kind: 'fix_service',
    async run({ service, machine }) {
      const { state } = await service();
      if (state.kind !== 'systemd' || !state.isInstalled) return undefined;
      const lingers = await isLingering(machine);
      if (lingers === undefined) return undefined;
      if (lingers) return { level: 'PASS', message: 'the service runs without anybody being logged in' };
      return {
        level: 'INFO',
        message: 'the service starts when you log in, and stops when you log out',
        fix: 'loginctl enable-linger, if OCP is to be there always',
      };
    },
  },
  {
    id: 'multi_unit_boot_race',
    means: 'There is one unit of OCP. With two, whichever starts first has the port, and the other restarts for ever.',
    remedy: '`ocp doctor --fix` removes units of earlier products; one of the whole system is removed with sudo.',
    kind: 'fix_service',
    async run(bench) {
      const { state, toInstall } = await bench.service();
      const legacy = toInstall.flatMap((step) => (step.kind === 'remove' ? [step.path] : []));
      const others = bench.otherUnits();
      const all = [...legacy, ...others];
      if (all.length === 0) {
        return state.isInstalled ? { level: 'PASS', message: 'there is one unit of OCP' } : undefined;
      }
      const removal = toInstall.filter((step) => step.kind !== 'write');
      const verdict: Verdict = {
        level: state.isInstalled || all.length > 1 ? 'FAIL' : 'WARN',
        message: `${state.isInstalled ? `besides ${state.definition} ` : ''}there is ${all.join(' and ')}`,
        cause:
          'an earlier product or an earlier installation left its unit behind; both start the server on the same port',
        fix: all.flatMap((path) => takeAway(path, bench)).join(' && '),
        commands: all.flatMap((path) => takeAway(path, bench)),
        ...(others.length === 0
          ? {}
          : { human: [`Say that ${others.join(' and ')} may go: it belongs to the whole system.`] }),
      };
      if (legacy.length === 0) return verdict;
      return {
        ...verdict,
        repair: {
          run: async () => {
            await perform(removal, bench.machine);
            return `removed ${legacy.join(' and ')}`;
          },
        },
      };
    },
  },
  {
    id: 'port_owner',
    means: 'Whoever listens on the port is this OCP, and not another program or another copy.',
    remedy: 'End the other program, or choose another port: `ocp setup --port N`.',
    kind: 'fix_service',
    async run(bench) {
      const { config, ocp } = bench;
      const answer = await bench.answerer();
      if (answer.kind === 'nobody') return undefined;
      const owner = await bench.portOwner();
      const who = owner === undefined ? 'another program' : `${owner.name} (process ${owner.pid})`;
      if (answer.kind === 'other') {
        return {
          level: 'FAIL',
          message: `the port ${config.port} is taken by ${who}, which is not OCP`,
          cause: 'OCP cannot listen where another program does',
          fix: `end that program, or choose another port: ${ocp} setup --port ${config.port + 1}`,
          human: [`Say which may stay: ${who}, or OCP on this port.`],
          commands: [`${ocp} setup --port ${config.port + 1} --yes`],
        };
      }
      const { state } = await bench.service();
      if (state.isInstalled && owner !== undefined && state.pid !== undefined && state.pid !== owner.pid) {
        return {
          level: 'WARN',
          message: `an OCP answers, but it is ${who} and not the service (process ${state.pid})`,
          cause:
            'ocp serve runs in a terminal, or another copy of OCP is started elsewhere; the service cannot have the port',
          fix: `end process ${owner.pid}, then ${ocp} restart`,
          human: [`End the other OCP, process ${owner.pid}: it may be in use.`],
          commands: [`${ocp} restart`],
        };
      }
      return {
        level: 'PASS',
        message: `OCP has the port ${config.port}${owner === undefined ? '' : ` (process ${owner.pid})`}`,
      };
    },
  },
  {
    id: 'service_running',
    means: 'The server answers at its address.',
    remedy: '`ocp restart`; `~/.ocp/logs/proxy.log` says why it does not start.',
    kind: 'fix_service',
    async run(bench) {
      const { url, restart } = bench;
      const answer = await bench.answerer();
      const view = await bench.service();
      const { state } = view;
      if (answer.kind === 'ocp') {
        if ((state.restarts ?? 0) >= MANY_RESTARTS) {
          return {
            level: 'WARN',
            message: `the server answers, but was started again ${state.restarts} times after it had ended by itself`,
            ...causeOf(bench.lastFailure()),
            fix: `look at ${state.log}`,
          };
        }
        return { level: 'PASS', message: `the server answers at ${url}` };
      }
      // Whoever has the port has to go first.
      if (answer.kind === 'other') return undefined;
      const commands = bringBack(bench, view);
      return {
        level: 'FAIL',
        message: `no server answers at ${url} (${state.kind}: ${state.detail})`,
        ...causeOf(
          bench.lastFailure() ??
            (state.isInstalled
              ? 'it was stopped, or did not start'
              : 'it is not installed as a service, and nobody started it'),
        ),
        fix: commands.join(' && '),
        commands,
        ...(state.isInstalled ? { repair: { run: restart } } : {}),
      };
    },
  },
];

function causeOf(cause: string | undefined): Pick<Verdict, 'cause'> {
  return cause === undefined ? {} : { cause };
}
