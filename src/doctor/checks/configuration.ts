import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { isLoopbackAddress } from '../../config/loopback.ts';
import { writePrivateFile } from '../../config/private-file.ts';
import { LEAST_SECRET, shortSecrets } from '../../config/secret-length.ts';
import type { Bench } from '../bench.ts';
import type { Check } from '../finding.ts';

const OLDEST_NODE = 24;

/** What OCP was told: its configuration, who may call, and the Node that runs it. */
export const configurationChecks: readonly Check<Bench>[] = [
  {
    id: 'node_version',
    means: `Node is ${OLDEST_NODE} or newer.`,
    remedy: '`npm ci` in the folder of OCP brings a Node of its own; or install one from https://nodejs.org.',
    kind: 'fix_service',
    run({ nodeVersion }) {
      const major = Number(/^v?(\d+)/u.exec(nodeVersion)?.[1]);
      if (major >= OLDEST_NODE) return { level: 'PASS', message: `Node is ${nodeVersion}` };
      return {
        level: 'FAIL',
        message: `Node is ${nodeVersion}, and OCP needs ${OLDEST_NODE} or newer`,
        cause: 'OCP was installed with another Node than the one that runs it now',
        fix: `install Node ${OLDEST_NODE} or newer from https://nodejs.org, then install OCP again with it`,
        human: [`Install Node ${OLDEST_NODE} or newer.`],
      };
    },
  },
  {
    id: 'config_valid',
    means: 'Every variable and `config.json` can be used; a server does not start with one that cannot.',
    remedy: 'Correct what is named; [configuration.md](configuration.md) has the values that each variable takes.',
    kind: 'fix_config',
    run({ config, configProblems }) {
      const [first] = configProblems;
      if (first !== undefined) {
        return {
          level: 'FAIL',
          message: configProblems.join('; '),
          cause: 'the server does not start with this configuration',
          fix: 'correct it where it is set: in config.json, or in the environment of the service',
          human: configProblems.map((problem) => `Correct the configuration: ${problem}`),
        };
      }
      if (config.warnings.length > 0) return { level: 'WARN', message: config.warnings.join(' ') };
      return { level: 'PASS', message: 'the configuration can be used' };
    },
  },
  {
    id: 'bind_auth',
    means: 'Who can reach the address (`CLAUDE_BIND`) fits who may call (`CLAUDE_AUTH_MODE`).',
    remedy: 'On a network use the auth mode `multi` or `shared`; without one bind to 127.0.0.1.',
    kind: 'fix_config',
    run({ config, ocp }) {
      const { bind, authMode } = config;
      const isOpen = !isLoopbackAddress(bind);
      if (isOpen && authMode === 'none') {
        return {
          level: 'WARN',
          message: `everybody who reaches ${bind}:${config.port} can use your Claude login`,
          cause: 'OCP_ALLOW_OPEN_LAN allows the auth mode none on a network',
          fix: `give people keys: ${ocp} setup --auth-mode multi`,
          commands: [`${ocp} setup --auth-mode multi --yes`],
        };
      }
      if (!isOpen && authMode === 'multi') {
        return {
          level: 'INFO',
          message: 'keys are in use, but only this machine can reach OCP',
          fix: `to let others in: ${ocp} setup --bind 0.0.0.0`,
        };
      }
      return {
        level: 'PASS',
        message: isOpen ? `open to the network with the auth mode ${authMode}` : 'only this machine can reach OCP',
      };
    },
  },
  {
    id: 'admin_key',
    means: 'In the auth mode `multi` there is an admin key; without one nobody can administer keys and see usage.',
    remedy: '`ocp doctor --fix` makes one, in `~/.ocp/admin-key`; then `ocp restart`.',
    kind: 'fix',
    run({ config, ocp }) {
      if (config.adminKey !== undefined) return { level: 'PASS', message: 'there is an admin key' };
      if (config.authMode !== 'multi')
        return { level: 'INFO', message: 'there is no admin key; this machine needs none' };
      const path = join(config.home, 'admin-key');
      return {
        level: 'FAIL',
        message: 'there is no admin key, so nobody can administer keys',
        cause: `OCP_ADMIN_KEY is unset, and ${path} is missing or empty`,
        fix: `${ocp} doctor --fix makes one`,
        commands: [`${ocp} doctor --fix`, `${ocp} restart`],
        repair: {
          needsRestart: true,
          run: async () => {
            writePrivateFile(path, `ocp_${randomBytes(24).toString('base64url')}\n`);
            return `made an admin key in ${path}`;
          },
        },
      };
    },
  },
  {
    id: 'secret_length',
    means: `Secrets that people chose (the admin key, the shared key, the token for metrics) have at least ${LEAST_SECRET} characters: tries are slowed down, but short ones can be guessed all the same.`,
    remedy: 'Choose a longer one, or leave it out: setup makes an admin key and a shared key that nobody can guess.',
    kind: 'fix_config',
    run({ config, ocp }) {
      const short = shortSecrets(config);
      if (short.length === 0) return { level: 'PASS', message: 'no secret is short enough to be guessed' };
      return {
        level: 'WARN',
        message: `shorter than ${LEAST_SECRET} characters: ${short.join(', ')}`,
        cause: 'they were chosen before OCP asked for a length',
        fix: `choose longer ones, tell whoever uses them, then ${ocp} restart`,
        human: [`Choose longer secrets for ${short.join(', ')}, and tell whoever uses them.`],
      };
    },
  },
];
