import type { Check } from '../../doctor/finding.ts';
import type { MachineBench } from './machine-bench.ts';

/** OpenClaw on the same machine, which has a list of OCP's models of its own. */
export const openClawChecks: readonly Check<MachineBench>[] = [
  {
    id: 'openclaw_registry',
    means: "OpenClaw's list of OCP's models is that of this OCP. Nothing where there is no OpenClaw.",
    remedy: '`ocp sync openclaw`, then `openclaw gateway restart`.',
    kind: 'fix',
    run({ openclaw, ocp }) {
      const found = openclaw.look();
      switch (found.kind) {
        case 'absent':
          return { level: 'INFO', message: 'there is no OpenClaw on this machine' };
        case 'unregistered':
          return { level: 'INFO', message: 'OpenClaw does not use OCP', fix: `${ocp} connect, so that it does` };
        case 'in-sync':
          return { level: 'PASS', message: "OpenClaw's list of models is up to date" };
        case 'unreadable':
          return {
            level: 'WARN',
            message: found.message,
            cause: 'its configuration is damaged, or belongs to another user',
            fix: 'openclaw doctor',
          };
        case 'drift':
          return {
            level: 'WARN',
            message: found.message,
            cause: 'OCP was updated, or another program changed the list',
            fix: `${ocp} sync openclaw, then openclaw gateway restart`,
            commands: [`${ocp} sync openclaw`, 'openclaw gateway restart'],
            repair: {
              run: async () => `${openclaw.sync()}; to apply it: openclaw gateway restart`,
            },
          };
      }
    },
  },
];
