import { profilesIn } from '../../claude/profiles.ts';
import { DEFAULT_PROFILE, loginExpiry, readStoredLogin } from '../../claude/stored-login.ts';
import type { Bench } from '../bench.ts';
import type { Check } from '../finding.ts';

/** How long the tokens last that `ocp login` has stored. */
export const storedLoginChecks: readonly Check<Bench>[] = [
  {
    id: 'token_age',
    means:
      'Long-lived tokens that `ocp login` stored last longer than 30 days; each lasts a year from the day it was made.',
    remedy: '`ocp login --token`, with the name of the profile where it is not your own.',
    kind: 'fix_oauth',
    async run({ config, now, ocp }) {
      const known = (await profilesIn(config.home).list()).flatMap((profile) => {
        const stored = readStoredLogin(config.home, profile);
        const expiry = stored === undefined ? undefined : loginExpiry(stored, now());
        return expiry === undefined ? [] : [{ profile, ...expiry }];
      });
      const ending = known.filter(({ isSoon }) => isSoon);
      if (known.length === 0) return undefined;
      if (ending.length === 0) {
        const least = Math.min(...known.map(({ daysLeft }) => daysLeft));
        return { level: 'PASS', message: `the stored tokens last ${least} days or longer` };
      }
      const command = (profile: string): string =>
        `${ocp} login ${profile === DEFAULT_PROFILE ? '' : `${profile} `}--token`;
      return {
        level: 'WARN',
        message: ending
          .map(({ profile, daysLeft }) =>
            daysLeft < 0
              ? `the token of ${profile} is older than a year`
              : `the token of ${profile} ends in ${daysLeft} days`,
          )
          .join('; '),
        cause: 'a long-lived token lasts a year, counted here from the day it was stored',
        fix: ending.map(({ profile }) => command(profile)).join(' && '),
        human: ending.map(({ profile }) => `Make a new token at a terminal: ${command(profile)}`),
      };
    },
  },
];
