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
      '`ocp login`, which runs `claude auth login` of the CLI that OCP drives; it also takes a token of `claude setup-token`, for ' +
      'machines without a browser.',
    kind: 'fix_oauth',
    async run(bench) {
      const { claude, logins, server, ocp } = bench;
      const state = await claude();
      if (!isUsable(state)) return undefined;
      const own = (await logins()).find(({ profile }) => profile === DEFAULT_PROFILE)?.login;
      const command = shellWord(state.path ?? 'claude');
      const human = [`Log in to Claude: ${ocp} login. It runs ${command} auth login, and works over SSH too.`];
      if (own?.loggedIn === false) {
        return {
          level: 'FAIL',
          message: 'the Claude CLI is not logged in',
          cause: 'nobody logged in as the user who runs OCP, or the login has ended',
          fix: `${ocp} login`,
          human,
        };
      }
      if ((await server())?.loggedIn === false) {
        return {
          level: 'FAIL',
          message: 'Anthropic refused the login at the last turn of the server',
          cause: 'the CLI has a login, but it has expired, was revoked, or the server was started with another one',
          fix: `log in again: ${ocp} login`,
          human,
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
    remedy: '`ocp login NAME`, or bind the key to another profile: `ocp keys set KEY --profile default`.',
    kind: 'fix_oauth',
    async run(bench) {
      const { claude, logins, database, server, ocp } = bench;
      if (!isUsable(await claude())) return undefined;
      const others = (await logins()).filter(({ profile }) => profile !== DEFAULT_PROFILE);
      const found = await database();
      const bound = found.kind === 'sound' ? found.keyProfiles.filter((name) => name !== DEFAULT_PROFILE) : [];
      const missing = bound.filter((name) => !others.some(({ profile }) => profile === name));
      const ended = (await server())?.endedLogins ?? [];
      const dead = others
        .filter(({ profile, login }) => login.loggedIn === false || ended.includes(profile))
        .map(({ profile }) => profile);
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
        ...missing.map((name) => `${ocp} profiles add ${name} && ${ocp} login ${name}`),
        ...dead.map((name) => `${ocp} login ${name}`),
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
