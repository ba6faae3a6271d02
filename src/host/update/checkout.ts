import { existsSync, mkdirSync, mkdtempSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { remoteOf } from '../latest-version.ts';
import { sameDependencies } from './dependencies.ts';
import { UpdateError, firstLine } from './error.ts';
import type { Standing } from './journal.ts';
import type { Layout } from './scripts.ts';
import { quote } from './scripts.ts';
import { PACKAGES_BYTES, SOURCE_BYTES, checkSpace, emptyStage, manifestOf, runNpm, tryStart } from './staged.ts';
import type { Tree, TreeHost } from './tree.ts';

const GIT_TIMEOUT_MS = 300_000;

/** Folders that git does not keep and that belong to a version: its packages, and what was built of it. */
const built = ['node_modules', 'dist'] as const;

/** A git checkout of OCP. Raises UpdateError when git does not know it as one. */
export async function checkoutTree(root: string, host: TreeHost): Promise<Tree> {
  const gitDir = (await gitIn(root, host, ['rev-parse', '--absolute-git-dir'])).trim();
  return new Checkout(root, gitDir, host);
}

class Checkout implements Tree {
  readonly kind = 'git';
  readonly root: string;
  readonly workshop: string;
  readonly #gitDir: string;
  readonly #host: TreeHost;

  constructor(root: string, gitDir: string, host: TreeHost) {
    this.root = root;
    this.#gitDir = gitDir;
    this.#host = host;
    // Inside .git it is on the disk of the checkout, and neither git nor the editor takes it for a part of it.
    this.workshop = join(gitDir, 'ocp-update');
  }

  stoppedBy(signal: AbortSignal): Tree {
    return new Checkout(this.root, this.#gitDir, { ...this.#host, signal });
  }

  async standing(): Promise<Standing> {
    const { commit, branch } = await this.#status();
    return { version: manifestOf(this.root).version, commit, ...(branch === undefined ? {} : { branch }) };
  }

  async find(version: string, light: boolean): Promise<Standing> {
    const tag = `refs/tags/v${version}`;
    const remote = await remoteOf(this.root, { run: this.#host.run, env: this.#host.env, signal: this.#host.signal });
    if (remote === undefined) throw new UpdateError(`the checkout ${this.root} has no git remote to update from`);
    const fetched = await this.#try(['fetch', '--quiet', '--no-tags', remote, `+${tag}:${tag}`]);
    if (fetched.code !== 0) {
      if (/couldn't find remote ref/iu.test(fetched.stderr)) {
        throw new UpdateError(`the git remote ${remote} has no release v${version}`);
      }
      throw new UpdateError(`the git remote ${remote} cannot be reached: ${lastReason(fetched.stderr)}`);
    }
    const commit = (await this.#git(['rev-parse', '--verify', `${tag}^{commit}`])).trim();
    const branch = light ? (await this.#status()).branch : undefined;
    // So that git knows afterwards what the branch has in common with the remote's.
    if (branch !== undefined) await this.#try(['fetch', '--quiet', '--no-tags', remote]);
    const keepsBranch =
      branch !== undefined && (await this.#try(['merge-base', '--is-ancestor', 'HEAD', commit])).code === 0;
    return { version, commit, ...(keepsBranch ? { branch } : {}) };
  }

  async checkOwn(): Promise<void> {
    const { root } = this;
    const { changed } = await this.#status();
    if (changed.length > 0) {
      throw new UpdateError(
        `the checkout has changes of its own (${listed(changed)}); put them aside with: git -C ${quote(root)} stash`,
      );
    }
    const own = Number(await this.#git(['rev-list', '--count', 'HEAD', '--not', '--remotes', '--tags']));
    if (own > 0) {
      throw new UpdateError(
        `the checkout has ${own} commit${own === 1 ? '' : 's'} of its own that no release has; change its version with git by hand`,
      );
    }
  }

  async check(target: Standing): Promise<void> {
    const { root } = this;
    await this.checkOwn();
    const clashes = await this.#clashes(target);
    if (clashes.length > 0) {
      throw new UpdateError(
        `files that git does not know stand where v${target.version} has its own (${listed(clashes)}); move them away`,
      );
    }
    if (statSync(this.#gitDir).dev !== statSync(root).dev) {
      throw new UpdateError(`${this.#gitDir} is on another disk than ${root}; update it with git by hand`);
    }
    checkSpace(this.#host, root, SOURCE_BYTES);
  }

  async prepare(target: Standing): Promise<Layout> {
    const stage = join(this.workshop, 'stage');
    emptyStage(this.workshop);
    const indexes = join(this.workshop, 'index');
    mkdirSync(indexes);
    // A git that was cut off leaves its lock, and one that nobody waits for any more may still be at work.
    const index = { GIT_INDEX_FILE: join(mkdtempSync(join(indexes, 'of-')), 'index') };
    await this.#git(['read-tree', target.commit ?? ''], index);
    await this.#git(['checkout-index', '--all', '--force', `--prefix=${stage}/`], index);
    const { version } = manifestOf(stage);
    if (version !== target.version) {
      throw new UpdateError(`the release v${target.version} calls itself ${version}; take another`);
    }
    if (this.#needsPackages(stage)) {
      checkSpace(this.#host, this.root, PACKAGES_BYTES);
      await runNpm(this.#host, ['ci', '--no-audit', '--no-fund'], stage);
    } else {
      symlinkSync(join(this.root, 'node_modules'), join(stage, 'node_modules'));
      if (manifestOf(stage).scripts['build'] !== undefined) await runNpm(this.#host, ['run', 'build'], stage);
    }
    await tryStart(this.#host, stage, target.version);
    return this.layout();
  }

  layout(): Layout {
    const { root, workshop } = this;
    return {
      root,
      workshop,
      gitDir: this.#gitDir,
      exchanges: built.map((name) => ({
        live: join(root, name),
        staged: join(workshop, 'stage', name),
        held: join(workshop, 'held', name),
      })),
      links: [],
    };
  }

  reinstall(): string {
    return `cd ${quote(this.root)} && npm ci --no-audit --no-fund`;
  }

  #needsPackages(stage: string): boolean {
    if (!existsSync(join(this.root, 'node_modules'))) return true;
    return !sameDependencies(textOf(join(this.root, 'package-lock.json')), textOf(join(stage, 'package-lock.json')));
  }

  /** Where the checkout stands, and which of its files were changed. */
  async #status(): Promise<{ commit: string; branch: string | undefined; changed: readonly string[] }> {
    const lines = (await this.#names(['status', '--porcelain=v2', '--branch', '--untracked-files=no', '-z'])).map(
      (line) => line.split(' '),
    );
    const header = (name: string): string => lines.find(([mark, key]) => mark === '#' && key === name)?.[2] ?? '';
    const branch = header('branch.head');
    return {
      commit: header('branch.oid'),
      branch: branch === '(detached)' ? undefined : branch,
      changed: lines.flatMap((words) => changedFile(words)),
    };
  }

  /** Files that git does not know and that the target would overwrite. */
  async #clashes(target: Standing): Promise<readonly string[]> {
    const unknown = await this.#names(['ls-files', '-z', '--others', '--exclude-standard']);
    if (unknown.length === 0) return [];
    const coming = new Set(await this.#names(['ls-tree', '-r', '-z', '--name-only', target.commit ?? '']));
    return unknown.filter((name) => coming.has(name));
  }

  async #names(args: readonly string[]): Promise<readonly string[]> {
    return (await this.#git(args)).split('\0').filter((name) => name !== '');
  }

  async #try(args: readonly string[]) {
    const outcome = await runGit(this.root, this.#host, args);
    this.#host.signal.throwIfAborted();
    return outcome;
  }

  async #git(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
    return gitIn(this.root, this.#host, args, env);
  }
}

async function runGit(
  root: string,
  { run, env, signal }: TreeHost,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
) {
  return run('git', ['-c', 'core.hooksPath=/dev/null', ...args], {
    cwd: root,
    // Nobody is there to answer a question for a password.
    env: { ...env, LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', ...more },
    timeoutMs: GIT_TIMEOUT_MS,
    signal,
  });
}

async function gitIn(
  root: string,
  host: TreeHost,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { code, stdout, stderr } = await runGit(root, host, args, env);
  host.signal.throwIfAborted();
  if (code === 0) return stdout;
  throw new UpdateError(`git ${args[0] ?? ''} failed in ${root}: ${firstLine(stderr) || 'git is not installed'}`);
}

/** git says the cause first and what it thinks of it last. */
function lastReason(stderr: string): string {
  return firstLine(stderr).replace(/^(?:fatal|error): /u, '');
}

/** How many words stand before the name in an entry of `git status --porcelain=v2`, by its kind. */
const wordsBeforeName: Readonly<Record<string, number>> = { '1': 8, '2': 9, u: 10 };

function changedFile([kind = '', ...words]: readonly string[]): string[] {
  const before = wordsBeforeName[kind];
  return before === undefined ? [] : [words.slice(before - 1).join(' ')];
}

function textOf(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function listed(names: readonly string[]): string {
  return names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
}
