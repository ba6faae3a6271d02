import { DEFAULT_PROFILE } from '../../claude/profiles.ts';
import type { Bench } from '../bench.ts';
import type { Check } from '../finding.ts';
import { shellWord } from '../shell-word.ts';
import { isUsable } from './claude-cli.ts';

/** Whether Claude is logged in, for the operator and for everybody who brought a login. */
export const loginChecks: readonly Check<Bench>[] = [
  {
    id: 'oauth_ok',
    means: 'The Claude CLI is logged in for the operator, and the last turn did not show otherwise.',
    remedy:
      '`claude auth login`; without a browser `claude setup-token`, and put its token into `~/.ocp/config.json` as ' +
      '`CLAUDE_CODE_OAUTH_TOKEN`. Then `ocp restart`.',
    kind: 'fix_oauth',
    async run(bench) {
      const { claude, logins, server, config, ocp } = bench;
      const state = await claude();
      if (!isUsable(state)) return undefined;
      const own = (await logins()).find(({ profile }) => profile === DEFAULT_PROFILE)?.login;
      const command = shellWord(state.path ?? 'claude');
      const human = [
        `Log in to Claude: ${command} auth login. On a machine without a browser: ${command} setup-token, then put its ` +
          `token as CLAUDE_CODE_OAUTH_TOKEN into ${config.home}/config.json.`,
      ];
      const commands = [`${ocp} restart`];
      if (own?.loggedIn === false) {
        return {
          level: 'FAIL',
          message: 'the Claude CLI is not logged in',
          cause: 'nobody logged in as the user who runs OCP, or the login has ended',
          fix: `${command} auth login`,
          human,
          commands,
        };
      }
      if ((await server())?.loggedIn === false) {
        return {
          level: 'FAIL',
          message: 'Anthropic refused the login at the last turn of the server',
          cause: 'the CLI has a login, but it has expired, was revoked, or the server was started with another one',
          fix: `log in again (${command} auth login), then ${ocp} restart`,
          human,
          commands,
        };
      }
      if (own?.loggedIn === undefined) {
        return {
          level: 'WARN',
          message: 'the Claude CLI does not say whether it is logged in',
          fix: `look at ${command} auth status`,
        };
      }
      return { level: 'PASS', message: `logged in to Claude (${own.method})` };
    },
  },
  {
    id: 'profiles_ok',
    means: 'Every profile of `ocp profiles` is logged in, and every key is bound to a profile that is there.',
    remedy: '`ocp profiles login NAME`, or bind the key to another profile.',
    kind: 'fix_oauth',
    async run(bench) {
      const { claude, logins, database, ocp } = bench;
      if (!isUsable(await claude())) return undefined;
      const others = (await logins()).filter(({ profile }) => profile !== DEFAULT_PROFILE);
      const found = await database();
      const bound = found.kind === 'sound' ? found.keyProfiles.filter((name) => name !== DEFAULT_PROFILE) : [];
      const missing = bound.filter((name) => !others.some(({ profile }) => profile === name));
      const dead = others.filter(({ login }) => login.loggedIn === false).map(({ profile }) => profile);
      if (others.length === 0 && missing.length === 0) return undefined;
      if (dead.length === 0 && missing.length === 0) {
        return { level: 'PASS', message: `all profiles are logged in (${others.length})` };
      }
      const said = [
        ...(dead.length === 0 ? [] : [`not logged in: ${dead.join(', ')}`]),
        ...(missing.length === 0 ? [] : [`keys are bound to profiles that do not exist: ${missing.join(', ')}`]),
      ];
      const broken = [...missing, ...dead.filter((name) => bound.includes(name))];
      const steps = [
        ...missing.map((name) => `${ocp} profiles add ${name} && ${ocp} profiles login ${name}`),
        ...dead.map((name) => `${ocp} profiles login ${name}`),
      ];
      return {
        level: broken.length > 0 ? 'FAIL' : 'WARN',
        message: said.join('; '),
        cause:
          broken.length > 0
            ? 'requests with keys that are bound to them are refused'
            : 'no key is bound to them, so nobody is refused yet',
        fix: steps.join('; '),
        human: steps.map((step) => `Log in for that person: ${step}`),
      };
    },
  },
];
