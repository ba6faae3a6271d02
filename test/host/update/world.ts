import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TestContext } from 'node:test';
import { installationIn } from '../../../src/host/latest-version.ts';
import type { Run } from '../../../src/host/run.ts';
import { runProgram } from '../../../src/host/run.ts';
import { checkoutTree } from '../../../src/host/update/checkout.ts';
import { globalTree } from '../../../src/host/update/global-install.ts';
import type { UpdateHost } from '../../../src/host/update/host.ts';
import type { Tree } from '../../../src/host/update/tree.ts';
import type { Setting } from '../../../src/cli/update/setting.ts';
import { applicationId } from '../../../src/store/files.ts';
import { git, gitEnv } from '../../support/git.ts';
import { fakeExecutable, temporaryFolder } from '../../support/temporary.ts';

/** What an outside effect of an update is about to do, or has done. */
export type Watch = (name: string, when: 'before' | 'after') => Promise<void> | void;

/** A tiny OCP of three versions with a git remote, a checkout, a home, a service and a server that tells what it runs. */
export interface World {
  readonly remote: string;
  readonly root: string;
  readonly ocpHome: string;
  /** Undefined while no server runs. */
  running: string | undefined;
  /** Versions that do not get well, though they start. */
  readonly unwell: Set<string>;
  /** Versions whose start fails. */
  readonly broken: Set<string>;
  /** Called around everything that an update does outside its own process; a promise that stays open is a kill -9. */
  watch: Watch;
  /** Lines that the user saw. */
  readonly lines: string[];
  /** Stops the update, as a signal does. */
  readonly stop: AbortController;
  /** What stands in place of a program; others run. */
  run: Run;
  freeBytes: number;
  unitFile: string;
  setting(): Setting;
  host(): UpdateHost;
  /** Versions of the parts of the installed program. */
  parts(): readonly string[];
  database(): DatabaseSync;
}

const files = (version: string, packages: string): Readonly<Record<string, string>> => ({
  'package.json': JSON.stringify({
    name: 'open-claude-proxy',
    version,
    bin: { ocp: 'ocp', [`ocp-${packages}`]: 'ocp' },
  }),
  'package-lock.json': JSON.stringify({
    version,
    packages: { '': { version }, 'node_modules/part': { version: packages } },
  }),
  'code.txt': version,
  [`only-in-${version}.txt`]: version,
  '.gitignore': 'node_modules\ndist\n',
  ocp: `#!/bin/sh\nhere=$(dirname "$0")\n[ -f "$here/node_modules/part" ] || exit 3\ncat "$here/code.txt"\n`,
});

/** 0.1.0, 0.1.1 with the same packages, and 0.2.0 with others. */
export const versions = { '0.1.0': 'a', '0.1.1': 'a', '0.2.0': 'b' } as const;

/** npm as far as it is needed: writes the packages that the lockfile or the version asks for. */
export const fakeNpm: Run = async (_program, args, { cwd = '' }) => {
  const done = { code: 0, stdout: '', stderr: '' };
  if (args[0] === 'ci') {
    const lock = JSON.parse(readFileSync(join(cwd, 'package-lock.json'), 'utf8')) as {
      packages: { 'node_modules/part': { version: string } };
    };
    write(join(cwd, 'node_modules', 'part'), lock.packages['node_modules/part'].version);
    return done;
  }
  const version =
    /@(\d+\.\d+\.\d+)$/u.exec(args.at(-1) ?? args[1] ?? '')?.[1] ?? /@(\d+\.\d+\.\d+)$/u.exec(args[1] ?? '')?.[1];
  if (args[0] === 'view') {
    if (version === undefined) return { ...done, stdout: '0.2.0\n' };
    return Object.hasOwn(versions, version)
      ? { ...done, stdout: `${version}\n` }
      : { ...done, code: 1, stderr: 'npm error code E404' };
  }
  const prefix = args[args.indexOf('--prefix') + 1] ?? '';
  installPackage(join(prefix, 'lib/node_modules/open-claude-proxy'), version ?? '');
  return done;
};

function installPackage(folder: string, version: string): void {
  const packages = versions[version as keyof typeof versions];
  for (const [name, text] of Object.entries(files(version, packages))) write(join(folder, name), text);
  write(join(folder, 'node_modules', 'part'), packages);
  chmodSync(join(folder, 'ocp'), 0o755);
}

export function makeWorld(t: TestContext, kind: 'git' | 'npm' = 'git'): World {
  const folder = temporaryFolder(t);
  const remote = join(folder, 'remote');
  // A relative address stays right in a copy.
  if (kind === 'git') cpSync(template(), folder, { recursive: true });
  const root = kind === 'git' ? join(folder, 'my ocp') : join(folder, 'prefix/lib/node_modules/open-claude-proxy');
  if (kind === 'npm') {
    installPackage(root, '0.1.0');
    mkdirSync(join(folder, 'prefix/bin'));
  }
  const ocpHome = join(folder, 'home', '.ocp');
  write(join(ocpHome, 'config.json'), '{"CLAUDE_PROXY_PORT": 4001}');
  write(join(ocpHome, 'admin-key'), 'the-old-admin-key');
  const world: World = {
    remote,
    root,
    ocpHome,
    running: undefined,
    unwell: new Set(),
    broken: new Set(),
    watch: () => {},
    lines: [],
    stop: new AbortController(),
    run: async (program, args, options) => (program === 'npm' ? fakeNpm : runProgram)(program, args, options),
    freeBytes: 1e12,
    unitFile: join(folder, 'home', 'ocp-proxy.service'),
    setting: () => settingOf(world, kind),
    host: () => hostOf(world),
    parts: () => [
      readFileSync(join(root, 'code.txt'), 'utf8'),
      (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version,
      readFileSync(join(root, 'node_modules', 'part'), 'utf8'),
    ],
    database: () => new DatabaseSync(join(ocpHome, 'ocp.db')),
  };
  write(world.unitFile, 'the old unit');
  using database = world.database();
  database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA journal_mode = WAL; PRAGMA user_version = 4;
    CREATE TABLE keys (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL) STRICT;
    CREATE TABLE audit (id INTEGER PRIMARY KEY, says TEXT NOT NULL) STRICT;
    CREATE TRIGGER audit_loses_nothing BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'append-only'); END;
    INSERT INTO keys (name) VALUES ('before'); INSERT INTO audit (says) VALUES ('before');`);
  startServer(world);
  return world;
}

/** Keeps all that lies in a world and what runs in it; what it gives brings that back, as often as it is called. */
export function keepState(t: TestContext, world: World): () => void {
  const folder = dirname(world.remote);
  const kept = join(temporaryFolder(t), 'kept');
  const options = { recursive: true, preserveTimestamps: true, verbatimSymlinks: true } as const;
  const { running } = world;
  cpSync(folder, kept, options);
  return () => {
    rmSync(folder, { recursive: true });
    cpSync(kept, folder, options);
    world.running = running;
    world.lines.length = 0;
    world.watch = () => {};
  };
}

let made: string | undefined;

/** A remote and a checkout of it, made once. */
function template(): string {
  if (made !== undefined) return made;
  const folder = mkdtempSync(join(tmpdir(), 'ocp test '));
  made = folder;
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const [remote, root] = [join(folder, 'remote'), join(folder, 'my ocp')];
  makeRemote(remote);
  git(remote, 'repack', '-adq');
  git(folder, 'clone', '--quiet', '--template=', '--no-hardlinks', remote, root);
  // Otherwise git begins to tidy up behind the test's back.
  git(root, 'config', 'gc.auto', '0');
  git(root, 'config', 'maintenance.auto', 'false');
  git(root, 'remote', 'set-url', 'origin', '../remote');
  git(root, 'reset', '--quiet', '--hard', 'v0.1.0');
  write(join(root, 'node_modules', 'part'), 'a');
  return folder;
}

function makeRemote(remote: string): void {
  mkdirSync(remote);
  git(remote, 'init', '--quiet', '--template=', '--initial-branch', 'main');
  for (const [version, packages] of Object.entries(versions)) {
    for (const name of git(remote, 'ls-files').split('\n').filter(Boolean)) rmSync(join(remote, name));
    for (const [name, text] of Object.entries(files(version, packages))) write(join(remote, name), text);
    chmodSync(join(remote, 'ocp'), 0o755);
    git(remote, 'add', '--all');
    git(remote, 'commit', '--quiet', '--message', version);
    git(remote, 'tag', `v${version}`);
  }
}

/** Starts what is installed: it has to be of one piece, and brings the database to its own schema. */
function startServer(world: World): void {
  const [code = '', version = '', packages] = world.parts();
  if (code !== version || versions[version as keyof typeof versions] !== packages) {
    throw new Error(`a mixed tree: ${code} ${version} ${packages ?? ''}`);
  }
  if (world.broken.has(version)) throw new Error(`OCP ${version} ended at once`);
  using database = world.database();
  const schema = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version.startsWith('0.1.') && schema > 4) throw new Error('the database was written by a newer OCP');
  if (version === '0.2.0' && schema === 4) {
    database.exec("ALTER TABLE keys ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'; PRAGMA user_version = 5");
  }
  world.running = version;
}

function hostOf(world: World): UpdateHost {
  const around = async <T>(name: string, work: () => Promise<T> | T): Promise<T> => {
    await world.watch(name, 'before');
    const result = await work();
    await world.watch(name, 'after');
    return result;
  };
  return {
    run: async (program, args, options) =>
      around([program === 'git' || program === 'npm' ? program : 'ocp', args[0]].join(' '), async () =>
        world.run(program, args, { ...options, env: { ...options.env, ...gitEnv } }),
      ),
    env: gitEnv,
    signal: world.stop.signal,
    freeBytes: () => world.freeBytes,
    ocpHome: world.ocpHome,
    service: {
      unitFiles: [world.unitFile],
      isRunning: async () => world.running !== undefined,
      stop: async () =>
        around('service stop', () => {
          world.running = undefined;
        }),
      start: async () => around('service start', () => startServer(world)),
    },
    probe: {
      url: 'http://127.0.0.1:4001',
      look: async () =>
        around('look', () => {
          const { running } = world;
          return running === undefined
            ? undefined
            : { version: running, isWell: !world.unwell.has(running), problem: 'the Claude CLI is missing' };
        }),
      countModels: async () => 3,
      tryTurn: async () => {},
    },
    openclawFile: join(dirname(world.ocpHome), 'openclaw.json'),
    progress: {
      step: async (text) => around(text, () => void world.lines.push(text)),
      note: (text) => void world.lines.push(text),
    },
    now: () => new Date('2026-11-24T22:30:05.123Z'),
    verifyTimeoutMs: 0,
  };
}

function settingOf(world: World, kind: 'git' | 'npm'): Setting {
  const host = hostOf(world);
  const say = (line: string): void => void world.lines.push(line);
  return {
    context: {
      env: gitEnv,
      packageRoot: world.root,
      io: { stdout: say, write: say, stderr: say, signal: world.stop.signal },
    },
    installation: installationIn(world.root),
    host,
    display: { ...host.progress, end: async () => {} },
    tree: async (): Promise<Tree> =>
      kind === 'git' ? checkoutTree(world.root, host) : globalTree(world.root, 'open-claude-proxy', host),
  };
}

export function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/**
 * Programs in front of the system's own that count what a script does and kill it at the `at`th command, before or after it.
 * Gives the PATH.
 */
export function deadlyTools(folder: string, at: number, when: 'before' | 'after'): string {
  const count = join(folder, 'count');
  rmSync(count, { force: true });
  for (const name of ['git', 'mv', 'rm']) {
    const real = ['/usr/bin', '/bin'].map((place) => join(place, name)).find((path) => existsSync(path)) ?? name;
    fakeExecutable(
      join(folder, name),
      [
        `n=$(cat '${count}' 2>/dev/null || echo 0); n=$((n + 1)); echo $n > '${count}'`,
        `[ $n = ${at} ] && [ ${when} = before ] && { kill -9 $PPID; exit 1; }`,
        `${real} "$@"; code=$?`,
        `[ $n = ${at} ] && kill -9 $PPID`,
        'exit $code',
      ].join('\n'),
    );
  }
  return `${folder}:/usr/bin:/bin`;
}
