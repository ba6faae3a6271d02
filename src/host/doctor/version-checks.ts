import { compareVersions } from '../../claude/version.ts';
import type { Check } from '../../doctor/finding.ts';
import { shellWord } from '../../doctor/shell-word.ts';
import { readJournal } from '../update/journal.ts';
import { lockUpdates } from '../update/lock.ts';
import type { MachineBench } from './machine-bench.ts';

/** The first version that `ocp update` can bring to a later one. */
const FIRST_VERSION = '0.1.0';

/** Which OCP is installed here, whether it can be updated, and whether it is the one that runs. */
export const versionChecks: readonly Check<MachineBench>[] = [
  {
    id: 'current_version',
    means:
      'The version of the installed OCP, and whether there is a newer one. A machine without a network is no failure.',
    remedy: '`ocp update`.',
    kind: 'noop',
    async run({ installation, latest, ocp }) {
      const { version } = installation;
      if (version === undefined) return undefined;
      const found = await latest();
      if (found.version === undefined) {
        return { level: 'INFO', message: `${version}; the newest version is not known`, cause: found.reason };
      }
      if (compareVersions(found.version, version) <= 0)
        return { level: 'PASS', message: `${version} is the newest version` };
      return { level: 'INFO', message: `${version}; ${found.version} is there (${found.from})`, fix: `${ocp} update` };
    },
  },
  {
    id: 'from_version_supported',
    means: 'The installed version is known, and can be brought up to date in place.',
    remedy: 'Install OCP anew; keys, usage and settings in `~/.ocp` stay.',
    kind: 'fresh_install',
    run({ installation, ocp }) {
      const { version, kind, folder, name } = installation;
      if (version !== undefined && /^\d+\.\d+\.\d+/u.test(version) && compareVersions(version, FIRST_VERSION) >= 0) {
        return { level: 'PASS', message: `${version} can be updated in place` };
      }
      const again =
        kind === 'git'
          ? [`git -C ${shellWord(folder)} checkout --force`, `npm --prefix ${shellWord(folder)} ci`]
          : [`npm install -g ${name}`];
      return {
        level: 'FAIL',
        message:
          version === undefined ? `${folder} does not tell its version` : `${version} cannot be updated in place`,
        cause: 'its package.json is damaged, or the installation was interrupted',
        fix: `install it anew: ${again.join(' && ')}`,
        human: [
          kind === 'git'
            ? `Agree that changes in ${folder} that were not committed are lost.`
            : 'Agree that OCP is installed anew; keys, usage and settings stay.',
        ],
        commands: [...again, `${ocp} setup --yes`],
      };
    },
  },
  {
    id: 'update_finished',
    means: 'No update or rollback stopped in the middle, as by a machine that lost power.',
    remedy: '`ocp update` finishes it, `ocp update --rollback` undoes it.',
    kind: 'finish_update',
    run({ config, ocp }) {
      const journal = readJournal(config.home);
      if (journal === undefined) return { level: 'PASS', message: 'no update is left unfinished' };
      const what = `${journal.action} from ${journal.from.version} to ${journal.to.version}`;
      if (isUpdating(config.home)) return { level: 'INFO', message: `the ${what} is at work now` };
      return {
        level: 'FAIL',
        message: `the ${what} stopped at the step ${journal.step}`,
        cause: `it was ended in the middle; it began at ${journal.startedAt}`,
        fix: `${ocp} update finishes it, ${ocp} update --rollback --yes undoes it`,
        commands: [`${ocp} update --yes`],
      };
    },
  },
  {
    id: 'install_dir',
    means: 'Where OCP is installed, how it came there, and whether an update can replace it.',
    remedy: 'Commit or drop changes in the checkout; give the folder to the user who runs OCP.',
    kind: 'fix',
    async run({ installation, machine }) {
      const { kind, folder } = installation;
      if (kind === 'unknown') {
        return {
          level: 'INFO',
          message: `${folder} is neither a git checkout nor an npm install, so ocp update cannot replace it`,
        };
      }
      if (kind === 'npm') return { level: 'PASS', message: `installed by npm in ${folder}` };
      const { code, stdout } = await machine.run('git', ['status', '--porcelain', '--untracked-files=no'], {
        cwd: folder,
        env: machine.env,
        timeoutMs: 10_000,
        signal: machine.signal,
      });
      if (code === 0 && stdout.trim() === '') return { level: 'PASS', message: `a git checkout in ${folder}` };
      return {
        level: 'INFO',
        message:
          code === 0 ? `the checkout in ${folder} has changes of its own` : `git cannot read the checkout in ${folder}`,
        cause: 'ocp update does not overwrite them; it says so and stops',
        fix: `git -C ${shellWord(folder)} stash`,
      };
    },
  },
  {
    id: 'service_version_matches_tree',
    means: 'The running server is the version that is installed.',
    remedy: '`ocp restart`.',
    kind: 'restart',
    async run({ answerer, installation, service, restart, ocp }) {
      const answer = await answerer();
      if (answer.kind !== 'ocp' || installation.version === undefined) return undefined;
      const { version } = answer.health;
      if (version === installation.version) return { level: 'PASS', message: `the server runs version ${version}` };
      const { state } = await service();
      return {
        level: 'WARN',
        message: `the server runs version ${version}, and ${installation.version} is installed`,
        cause: 'OCP was updated without a restart, or another copy of OCP has the port',
        fix: `${ocp} restart`,
        commands: [`${ocp} restart`],
        ...(state.isRunning ? { repair: { run: restart } } : {}),
      };
    },
  },
];

/** Whether an update holds its lock, which the system frees with the process. */
function isUpdating(ocpHome: string): boolean {
  try {
    lockUpdates(ocpHome)[Symbol.dispose]();
    return false;
  } catch {
    return true;
  }
}
