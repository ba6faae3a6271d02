import { existsSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolders } from '../config/folder.ts';
import type { StoredLogin } from './stored-login.ts';
import { DEFAULT_PROFILE, readStoredLogin, withoutAccount, withStoredLogin } from './stored-login.ts';

export { DEFAULT_PROFILE } from './stored-login.ts';

const NAME = /^[a-z0-9][a-z0-9_-]{0,31}$/u;

/** Whether a profile may have this name; `default` is one too. */
export function isProfileName(name: string): boolean {
  return NAME.test(name);
}

/**
 * Logins of several people on one server: each profile is a configuration folder of the CLI (`CLAUDE_CONFIG_DIR`) in which
 * that person has logged in. `default` is no folder.
 */
export interface Profiles {
  /** Names in order, `default` first. */
  list(): Promise<readonly string[]>;
  has(name: string): boolean;
  /** The CLI's environment for a profile; `env` is that of the operator's own login. */
  environment(name: string, env: Readonly<Record<string, string>>): Record<string, string>;
  /** The CLI's configuration folder of a profile. */
  folder(name: string): string;
  /** Raises RangeError for a name that cannot be one. */
  add(name: string): Promise<void>;
  /** Removes the folder with the login in it; until it is added again there is no such profile. */
  remove(name: string): Promise<void>;
}

/** The profiles below OCP's home. `onStored` hears of every stored login that is read, before anything uses it. */
export function profilesIn(home: string, onStored: (login: StoredLogin) => void = () => {}): Profiles {
  const parent = join(home, 'profiles');
  const folder = (name: string): string => join(parent, name);
  // A CLI that still ran when its profile was removed writes its folder again as it ends.
  const removedMark = (name: string): string => join(parent, `.removed-${name}`);
  const isThere = (name: string): boolean => existsSync(folder(name)) && !existsSync(removedMark(name));
  return {
    async list() {
      const names = await readdir(parent).catch(() => []);
      return [DEFAULT_PROFILE, ...names.filter((name) => NAME.test(name) && isThere(name)).toSorted()];
    },
    has: (name) => name === DEFAULT_PROFILE || (NAME.test(name) && isThere(name)),
    environment(name, env) {
      const stored = readStoredLogin(home, name);
      if (stored !== undefined) onStored(stored);
      if (name === DEFAULT_PROFILE) return withStoredLogin(env, stored);
      return withStoredLogin({ ...withoutAccount(env), CLAUDE_CONFIG_DIR: folder(name) }, stored);
    },
    folder,
    async add(name) {
      if (!NAME.test(name) || name === DEFAULT_PROFILE) {
        throw new RangeError(
          `'${name}' cannot be a profile: 1 to 32 of a-z, 0-9, _ and -, and not '${DEFAULT_PROFILE}'`,
        );
      }
      makeFolders(folder(name), 0o700);
      await rm(removedMark(name), { force: true });
    },
    async remove(name) {
      if (!NAME.test(name) || name === DEFAULT_PROFILE || !existsSync(folder(name))) return;
      await writeFile(removedMark(name), '', { mode: 0o600 });
      await rm(folder(name), { recursive: true, force: true });
    },
  };
}
