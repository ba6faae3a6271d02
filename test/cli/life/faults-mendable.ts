import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readStatus } from '../../../src/host/service/background-files.ts';
import { git } from '../../support/git.ts';
import { gone } from '../../support/processes.ts';
import type { Fault } from './fault.ts';
import { configured, definition } from './fault.ts';

/** What `ocp doctor --fix` mends, all at once. */
export const mendable: readonly Fault[] = [
  {
    name: 'others can read the database',
    make: ({ ocpHome }) => chmodSync(join(ocpHome, 'ocp.db'), 0o644),
    check: 'file_modes',
    level: 'WARN',
    says: /ocp\.db \(644\)/,
    mend: 'fix',
  },
  {
    name: 'a folder of workers is left of an OCP that was killed',
    make({ shell }) {
      const left = join(shell['TMPDIR'] ?? '', 'w-left');
      mkdirSync(left);
      writeFileSync(join(left, 'owner.json'), JSON.stringify({ pid: 4_194_000, start: 'long ago' }));
    },
    check: 'leftovers',
    level: 'WARN',
    says: /one folder of workers/,
    mend: 'fix',
  },
  {
    name: 'the definition of the service was edited',
    make({ ocpHome }) {
      const path = join(ocpHome, 'background.json');
      writeFileSync(path, readFileSync(path, 'utf8').replace('--quiet', '--loud'));
    },
    check: definition,
    level: 'WARN',
    says: /not as this OCP writes it/,
    mend: 'fix',
  },
  {
    name: 'there is no admin key',
    make: ({ ocpHome }) => rmSync(join(ocpHome, 'admin-key')),
    check: 'admin_key',
    level: 'FAIL',
    says: /no admin key/,
    also: ['config_valid'],
    mend: 'fix',
  },
  {
    name: "OpenClaw's list of models is out of date",
    make({ home, setting }) {
      const provider = {
        baseUrl: `http://127.0.0.1:${setting('CLAUDE_PROXY_PORT')}/v1`,
        models: [{ id: 'claude-of-last-year', name: 'Old' }],
      };
      mkdirSync(join(home, '.openclaw'));
      writeFileSync(
        join(home, '.openclaw/openclaw.json'),
        JSON.stringify({ models: { providers: { 'claude-local': provider } } }),
      );
    },
    check: 'openclaw_registry',
    level: 'WARN',
    says: /1 no longer offered/,
    mend: 'fix',
  },
  {
    name: 'the server was killed, with what keeps it running',
    async make({ ocpHome }) {
      const status = readStatus(ocpHome);
      if (status?.server === undefined) throw new Error('no server runs');
      process.kill(status.supervisor.pid, 'SIGKILL');
      await gone(status.supervisor.pid);
      await gone(status.server.pid);
    },
    check: 'service_running',
    level: 'FAIL',
    says: /no server answers at .* \(background: stopped\)/,
    mend: 'fix',
  },
];

/** What `ocp restart` mends. */
export const restartable: readonly Fault[] = [
  {
    name: 'the checkout was moved to another version by hand',
    make({ remote, root }) {
      remote.release('0.1.1');
      git(root, 'pull', '--quiet', '--tags', 'origin', 'main');
    },
    check: 'service_version_matches_tree',
    level: 'WARN',
    says: /the server runs version 0\.1\.0, and 0\.1\.1 is installed/,
    mend: 'commands',
  },
  {
    name: 'the server does not know a name by which it should be called',
    make: configured({ OCP_ALLOWED_HOSTS: 'ocp.example.com' }),
    check: 'host_names',
    level: 'WARN',
    says: /does not answer as ocp\.example\.com/,
    mend: 'commands',
  },
];
