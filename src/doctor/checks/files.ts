import { accessSync, chmodSync, constants, lstatSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { join } from 'node:path';
import { filesOfHome, isOpenToOthers, tightenHome } from '../../config/home-files.ts';
import type { Bench } from '../bench.ts';
import type { Check } from '../finding.ts';
import { shellWord } from '../shell-word.ts';

const MIB = 1_048_576;
const NO_ROOM = 100 * MIB;
const LITTLE_ROOM = 1024 * MIB;
/** Far more than OCP ever makes at a time. */
const FEW_FILES = 1000;

/** The files of OCP's home: whose they are, who can read them, and whether there is room for more. */
export const fileChecks: readonly Check<Bench>[] = [
  {
    id: 'file_modes',
    means: 'What OCP keeps is readable by its owner alone: folders 0700, files 0600. It holds keys and logins.',
    remedy: '`ocp doctor --fix` sets the modes. Files of another user: `sudo chown -R "$USER" ~/.ocp`.',
    kind: 'fix',
    run({ config, uid, ocp }) {
      const all = filesOfHome(config.home);
      const foreign = all.filter(({ stats }) => uid !== undefined && stats.uid !== uid);
      if (foreign.length > 0) {
        const chown = `sudo chown -R ${uid} ${shellWord(config.home)}`;
        return {
          level: 'FAIL',
          message: `files of OCP belong to another user: ${named(foreign.map(({ path }) => path))}`,
          cause: 'OCP was once run as another user, for example with sudo',
          fix: chown,
          human: [`Give the files back: ${chown}`],
        };
      }
      const wrong = all.filter(isOpenToOthers);
      if (wrong.length === 0) return { level: 'PASS', message: 'the files of OCP are for their owner alone' };
      return {
        level: 'WARN',
        message: `others can read what is OCP's alone: ${named(wrong.map(({ path, stats }) => `${path} (${(stats.mode & 0o777).toString(8)})`))}`,
        cause: 'the files were copied, restored or changed by another program',
        fix: `${ocp} doctor --fix sets the modes`,
        commands: [`${ocp} doctor --fix`],
        repair: {
          run: async () => {
            tightenHome(config.home, uid);
            return `made ${wrong.length === 1 ? (wrong[0]?.path ?? '') : `${wrong.length} files and folders`} readable by their owner alone`;
          },
        },
      };
    },
  },
  {
    id: 'log_folder',
    means: 'The log can be written in `~/.ocp/logs`; without it OCP runs, but what happened cannot be looked up.',
    remedy: 'Make the folder writable for the user who runs OCP; move away what stands in its place.',
    kind: 'fix',
    run({ config }) {
      const folder = join(config.home, 'logs');
      const stats = statsOf(folder);
      if (stats === undefined) return { level: 'INFO', message: 'there is no log yet; the first start makes it' };
      if (!stats.isDirectory()) {
        return {
          level: 'WARN',
          message: `${folder} is no folder, so no log is written`,
          cause: 'something else was put in its place',
          fix: `mv ${shellWord(folder)} ${shellWord(`${folder}.old`)} and restart OCP`,
          commands: [`mv ${shellWord(folder)} ${shellWord(`${folder}.old`)}`, `mkdir -m 700 ${shellWord(folder)}`],
        };
      }
      const file = join(folder, 'ocp.log');
      const blocked = [folder, ...(statsOf(file) === undefined ? [] : [file])].find((path) => !isWritable(path));
      const odd = statsOf(file)?.isFile() === false ? file : undefined;
      if (blocked === undefined && odd === undefined) return { level: 'PASS', message: `the log is in ${folder}` };
      const path = blocked ?? odd ?? folder;
      return {
        level: 'WARN',
        message: `${path} cannot be written, so no log is kept`,
        cause: odd === undefined ? 'its modes forbid it, or the file system is read-only' : 'it is no file',
        fix: `make it writable: chmod u+rwX ${shellWord(path)}`,
        ...(odd === undefined
          ? {
              commands: [`chmod u+rwX ${shellWord(path)}`],
              repair: {
                run: async () => {
                  chmodSync(path, path === folder ? 0o700 : 0o600);
                  return `made ${path} writable`;
                },
              },
            }
          : { human: [`Move ${path} away.`] }),
      };
    },
  },
  {
    id: 'disk_space',
    means: 'There is room where OCP keeps its data and where its workers have their folders.',
    remedy: 'Remove what is not needed; `ocp cache clear` and `ocp update --prune` free what OCP can spare.',
    kind: 'fix_disk',
    async run({ config, disk, env, ocp }) {
      const folders = [...new Set([config.home, env['TMPDIR'] ?? '/tmp'])];
      const states = await Promise.all(folders.map(async (folder) => ({ folder, state: await disk(folder) })));
      const short = states.flatMap(({ folder, state }) => {
        if (state === undefined) return [];
        const isFull = state.freeBytes < NO_ROOM || (state.freeFiles ?? FEW_FILES) < FEW_FILES;
        if (!isFull && state.freeBytes >= LITTLE_ROOM) return [];
        const room = `${folder} has ${Math.floor(state.freeBytes / MIB)} MiB left`;
        const files =
          (state.freeFiles ?? FEW_FILES) < FEW_FILES ? `, and room for ${state.freeFiles ?? 0} more files` : '';
        return [{ isFull, text: `${room}${files}` }];
      });
      if (short.length === 0) return { level: 'PASS', message: 'there is room on the disk' };
      return {
        level: short.some(({ isFull }) => isFull) ? 'FAIL' : 'WARN',
        message: short.map(({ text }) => text).join('; '),
        cause: 'a full disk loses usage, settings and logs, and workers cannot be started',
        fix: `remove what is not needed; ${ocp} cache clear and ${ocp} update --prune free what OCP can spare`,
        human: ['Make room on the disk: what can go is for a person to say.'],
      };
    },
  },
  {
    id: 'home_folder',
    means: "OCP's home folder is there, is a folder, and can be written.",
    remedy: 'Make it writable for the user who runs OCP, or set `OCP_HOME` to a folder that can be written.',
    kind: 'fix_config',
    run({ config }) {
      const stats = statsOf(config.home);
      if (stats === undefined)
        return { level: 'INFO', message: `${config.home} does not exist yet; the first start makes it` };
      if (stats.isDirectory() && isWritable(config.home))
        return { level: 'PASS', message: `OCP keeps its data in ${config.home}` };
      return {
        level: 'FAIL',
        message: stats.isDirectory() ? `${config.home} cannot be written` : `${config.home} is no folder`,
        cause: 'the modes forbid it, the file system is read-only, or something else stands in its place',
        fix: 'make it writable, or set OCP_HOME to another folder',
        human: [`Make ${config.home} a folder that can be written, or set OCP_HOME to another one.`],
      };
    },
  },
];

/** What OCP itself keeps in its home, and the logins of the profiles; not what the CLI keeps inside of a login. */
function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function named(paths: readonly string[]): string {
  const shown = paths.slice(0, 3).join(', ');
  return paths.length > 3 ? `${shown} and ${paths.length - 3} more` : shown;
}
