import { command } from './command.ts';
import { jsonOption } from './output/json.ts';

const profileName = { name: 'NAME', description: 'the name of the profile' } as const;

/** `ocp profiles`: the logins of several people on one server. */
export const profilesCommand = command(
  {
    summary: 'list, add, log in and remove the Claude logins of several people',
    description: [
      'A profile is the Claude login of one person, apart from the others. A key that is bound to a profile is served with ' +
        "that login only; every other key uses the operator's own, the profile 'default'. Without a further word: the list.",
    ],
    options: jsonOption,
    run: async ({ options }, context) => (await import('./profiles.ts')).listProfiles(options, context),
  },
  {
    list: command({
      summary: 'the profiles and whether they are logged in',
      options: jsonOption,
      run: async ({ options }, context) => (await import('./profiles.ts')).listProfiles(options, context),
    }),
    add: command({
      summary: 'make a profile',
      arguments: [profileName],
      run: async ({ words: [name = ''] }, context) => (await import('./profiles.ts')).addProfile(name, context),
    }),
    login: command({
      summary: 'log in to Claude for it (the same as ocp login NAME)',
      arguments: [profileName],
      run: async ({ words: [name = ''] }, context) => (await import('./profiles.ts')).loginProfile(name, context),
    }),
    remove: command({
      summary: 'remove it, the login in it included',
      arguments: [profileName],
      run: async ({ words: [name = ''] }, context) => (await import('./profiles.ts')).removeProfile(name, context),
    }),
  },
);
