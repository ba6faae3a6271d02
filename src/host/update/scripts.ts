import type { Standing } from './journal.ts';

/** A file or folder that is exchanged when the version changes. All three must lie on one file system. */
export interface Exchange {
  /** Where OCP uses it. */
  readonly live: string;
  /** Where the next version's waits. */
  readonly staged: string;
  /** Where the previous version's is kept. */
  readonly held: string;
}

/** What the two scripts of an installation work on. */
export interface Layout {
  /** The folder of OCP's package.json. */
  readonly root: string;
  /** Where versions are prepared and kept. */
  readonly workshop: string;
  /** The `.git` folder of a checkout. */
  readonly gitDir?: string;
  readonly exchanges: readonly Exchange[];
  /** Links that other folders need to the installed program: from path to target. */
  readonly links: readonly (readonly [string, string])[];
}

/** The steps between two versions. */
export interface Change {
  readonly layout: Layout;
  readonly from: Standing;
  readonly to: Standing;
}

/**
 * A shell script that puts the staged version in the place of the present one, in the least time in which it can be done.
 * Run again with `again` after an interruption at any command, it comes to the same end.
 */
export function switchScript({ layout, from, to }: Change): string {
  return [
    '#!/bin/sh',
    `# Puts OCP ${to.version} in the place of ${from.version}. Made and run by \`ocp update\`.`,
    'set -eu',
    `work=${quote(layout.workshop)}`,
    'printf "%s\\n" "$$" > "$work/switch.pid"',
    `trap 'rm -f "$work/switch.pid"' EXIT`,
    'replace() {',
    '  if [ ! -d "$2" ] || [ -L "$2" ]; then return 0; fi',
    '  if [ -e "$1" ] || [ -L "$1" ]; then rm -rf "$3"; mv "$1" "$3"; fi',
    '  mv "$2" "$1"',
    '}',
    ...(layout.gitDir === undefined
      ? []
      : [
          'force=',
          `if [ "\${1:-}" = again ]; then force=-f; rm -f ${quote(`${layout.gitDir}/index.lock`)}; fi`,
          checkout(layout.root, to, '$force'),
        ]),
    ...layout.exchanges.map(({ live, staged, held }) => `replace ${[live, staged, held].map(quote).join(' ')}`),
    ...layout.links.map(
      ([path, target]) => `if [ ! -e ${quote(path)} ]; then ln -sf ${quote(target)} ${quote(path)} || :; fi`,
    ),
    '',
  ].join('\n');
}

export interface Restore extends Change {
  /** The folder of the snapshot. */
  readonly snapshot: string;
  /** A shell command that installs the old version's packages where they were not kept. */
  readonly reinstall: string;
}

/**
 * A shell script that undoes that, from whatever command the switch was interrupted at, and then has the restored OCP put
 * back the rest. It needs nothing of OCP itself, so it is what is left where OCP does not start. With `code` it restores the
 * program alone.
 */
export function restoreScript({ layout, from, to, snapshot, reinstall }: Restore): string {
  return [
    '#!/bin/sh',
    `# Puts OCP ${from.version} back as it was before the update to ${to.version}. Can be run again at any time.`,
    'set -eu',
    `work=${quote(layout.workshop)}`,
    `snapshot=${quote(snapshot)}`,
    'runs() {',
    '  kill -0 "$1" 2>/dev/null || return 1',
    // Ended, and only kept by a parent that does not ask: so it is below the first process of many containers.
    '  case "$(ps -o stat= -p "$1" 2>/dev/null)" in Z*) return 1 ;; esac',
    '}',
    'waited=0',
    'while [ "$waited" -lt 60 ] && runs "$(cat "$work/switch.pid" 2>/dev/null)"; do',
    '  sleep 1; waited=$((waited + 1))',
    'done',
    'rm -f "$work/switch.pid"',
    'kept() { [ -f "$work/held/for" ] && [ "$(cat "$work/held/for")" = "$snapshot" ]; }',
    'put_back() {',
    '  if [ ! -e "$3" ] && [ ! -L "$3" ]; then return 0; fi',
    '  if [ -e "$1" ] || [ -L "$1" ]; then',
    // It never left: the script was stopped before it took it away.
    '    if [ -d "$2" ] && [ ! -L "$2" ]; then rm -rf "$3"; return 0; fi',
    '    rm -rf "$2"; mkdir -p "${2%/*}"; mv "$1" "$2"',
    '  fi',
    '  mv "$3" "$1"',
    '}',
    ...(layout.gitDir === undefined
      ? []
      : [
          `rm -f ${quote(`${layout.gitDir}/index.lock`)}`,
          // Files that the new version added and git does not know yet would else stay.
          `git -C ${quote(layout.root)} -c core.hooksPath=/dev/null checkout -q -f --detach ${to.commit ?? ''} 2>/dev/null || :`,
          checkout(layout.root, from, '-f'),
        ]),
    'if kept; then',
    ...layout.exchanges.map(({ live, staged, held }) => `  put_back ${[live, staged, held].map(quote).join(' ')}`),
    '  :',
    'elif [ "${1:-}" != code ]; then',
    `  ${reinstall}`,
    'fi',
    'if [ "${1:-}" = code ]; then exit 0; fi',
    `exec ${quote(`${layout.root}/ocp`)} update --rollback "$snapshot" --yes`,
    '',
  ].join('\n');
}

function checkout(root: string, { commit = '', branch }: Standing, force: string): string {
  const where = branch === undefined ? `--detach ${commit}` : `-B ${quote(branch)} ${commit}`;
  return `git -C ${quote(root)} -c core.hooksPath=/dev/null checkout -q ${force} ${where}`;
}

/** A word for a POSIX shell. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
