import { lstatSync, realpathSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Machine } from './machine.ts';
import type { Step } from './steps.ts';

/** How the command `ocp` can be called on this machine. */
export interface PathLink {
  /** `callable`: the word `ocp` runs this OCP. `absent`: a link can be made. `taken`: something else lies there. */
  readonly state: 'callable' | 'linked' | 'absent' | 'taken';
  /** Where the link lies, or would. */
  readonly path: string;
  /** Whether its folder is on the PATH. */
  readonly isOnPath: boolean;
}

/** Looks for this OCP's command on the PATH, and for the link that setup makes in `~/.local/bin`. */
export function pathLink({ home, env, packageRoot }: Machine): PathLink {
  const launcher = realPath(join(packageRoot, 'ocp'));
  const folder = join(home, '.local', 'bin');
  const path = join(folder, 'ocp');
  const folders = (env['PATH'] ?? '').split(delimiter).filter(isAbsolute);
  const found = folders.map((each) => realPath(join(each, 'ocp'))).find((each) => each !== undefined);
  const isThere = lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  const isOurs = isThere && realPath(path) === launcher;
  const state =
    found !== undefined && found === launcher ? 'callable' : isOurs ? 'linked' : isThere ? 'taken' : 'absent';
  return { state, path, isOnPath: folders.includes(folder) };
}

/** The step that makes the link, where nothing lies in its place. */
export function linkSteps(machine: Machine): readonly Step[] {
  const { state, path } = pathLink(machine);
  return state === 'absent' ? [{ kind: 'link', path, target: join(machine.packageRoot, 'ocp') }] : [];
}

/** The step that removes it, where it is this OCP's. */
export function unlinkSteps(machine: Machine): readonly Step[] {
  const { path } = pathLink(machine);
  const isOurs = realPath(path) !== undefined && realPath(path) === realPath(join(machine.packageRoot, 'ocp'));
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  return isOurs && isLink ? [{ kind: 'remove', path }] : [];
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
