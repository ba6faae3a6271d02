import type { Stats } from 'node:fs';
import { closeSync, constants, fchmodSync, fstatSync, lstatSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Entries of one folder that are looked at. */
const MOST = 10_000;
/** What holds a login in the folder of a profile; the rest of it is the CLI's own. */
const loginFiles = ['setup-token', 'ocp-login.json', '.credentials.json'];

export interface HomeFile {
  readonly path: string;
  readonly stats: Stats;
}

/**
 * What OCP keeps in its home and others have no business with: everything that lies there, the logs and backups, and each
 * profile's login. Without links, whose own modes mean nothing.
 */
export function filesOfHome(home: string): readonly HomeFile[] {
  const paths = [
    home,
    ...below(home),
    ...below(join(home, 'logs')),
    ...below(join(home, 'backups')),
    ...below(join(home, 'profiles')).flatMap((path) => [path, ...loginFiles.map((name) => join(path, name))]),
  ];
  return paths.flatMap((path) => {
    const stats = statsOf(path);
    return stats?.isFile() === true || stats?.isDirectory() === true ? [{ path, stats }] : [];
  });
}

/** Whether anybody but its owner may do anything with a file. */
export function isOpenToOthers({ stats }: HomeFile): boolean {
  return (stats.mode & 0o077) !== 0;
}

/**
 * Takes away what others may do with the files of OCP's home; those of another user stay as they are. Links are not followed,
 * not even where one is put in the place of a file meanwhile. Tells which files it changed, and which are another user's.
 */
export function tightenHome(
  home: string,
  uid: number | undefined,
): { readonly tightened: readonly string[]; readonly foreign: readonly string[] } {
  const files = filesOfHome(home);
  const isForeign = ({ stats }: HomeFile): boolean => uid !== undefined && stats.uid !== uid;
  const open = files.filter((file) => isOpenToOthers(file) && !isForeign(file));
  return {
    tightened: open.filter(({ path }) => tighten(path, uid)).map(({ path }) => path),
    foreign: files.filter(isForeign).map(({ path }) => path),
  };
}

function tighten(path: string, uid: number | undefined): boolean {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = fstatSync(file);
    if (uid !== undefined && stats.uid !== uid) return false;
    fchmodSync(file, stats.mode & 0o700);
    return true;
  } catch {
    return false;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function below(folder: string): readonly string[] {
  // Not through a link: what is behind it is not OCP's.
  if (statsOf(folder)?.isDirectory() !== true) return [];
  try {
    return readdirSync(folder)
      .slice(0, MOST)
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
