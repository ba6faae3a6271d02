import { accessSync, constants } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { UpdateError } from './error.ts';
import type { Standing } from './journal.ts';
import type { Layout } from './scripts.ts';
import { quote } from './scripts.ts';
import { PACKAGES_BYTES, checkSpace, emptyStage, manifestOf, runNpm, tryStart } from './staged.ts';
import type { Tree, TreeHost } from './tree.ts';

const VIEW_TIMEOUT_MS = 60_000;

/**
 * OCP as npm installed it with --global: `PREFIX/lib/node_modules/NAME`. Raises UpdateError where the folder lies otherwise,
 * as a dependency of a project or in the store of another package manager.
 */
export function globalTree(root: string, name: string, host: TreeHost): Tree {
  const modules = name.startsWith('@') ? dirname(dirname(root)) : dirname(root);
  if (basename(modules) !== 'node_modules' || basename(dirname(modules)) !== 'lib') {
    throw new UpdateError(`${root} was not installed with npm install --global; update it with what installed it`);
  }
  return new GlobalInstall(root, name, modules, host);
}

class GlobalInstall implements Tree {
  readonly kind = 'npm';
  readonly root: string;
  readonly workshop: string;
  readonly #name: string;
  readonly #modules: string;
  readonly #host: TreeHost;

  constructor(root: string, name: string, modules: string, host: TreeHost) {
    this.root = root;
    this.#name = name;
    this.#modules = modules;
    this.#host = host;
    // npm takes names with a dot for its own temporary folders and leaves them out of its lists.
    this.workshop = join(modules, '.ocp-update');
  }

  stoppedBy(signal: AbortSignal): Tree {
    return new GlobalInstall(this.root, this.#name, this.#modules, { ...this.#host, signal });
  }

  async standing(): Promise<Standing> {
    return { version: manifestOf(this.root).version };
  }

  async find(version: string): Promise<Standing> {
    const { code, stdout, stderr } = await this.#host.run('npm', ['view', `${this.#name}@${version}`, 'version'], {
      env: this.#host.env,
      timeoutMs: VIEW_TIMEOUT_MS,
      signal: this.#host.signal,
    });
    this.#host.signal.throwIfAborted();
    if (code === 0 && stdout.trim() === version) return { version };
    if (code === 0 || /\bE404\b|\bETARGET\b/u.test(stderr))
      throw new UpdateError(`npm has no ${this.#name} ${version}`);
    throw new UpdateError('npm cannot be reached, or is not installed');
  }

  async checkOwn(): Promise<void> {
    // npm keeps nothing of the operator's in it.
  }

  async check(target: Standing): Promise<void> {
    try {
      accessSync(this.#modules, constants.W_OK);
    } catch {
      throw new UpdateError(
        `${this.#modules} belongs to another user; run: sudo npm install --global ${this.#name}@${target.version}, ` +
          'then ocp restart',
      );
    }
    checkSpace(this.#host, this.#modules, PACKAGES_BYTES);
  }

  async prepare(target: Standing): Promise<Layout> {
    emptyStage(this.workshop);
    const stage = join(this.workshop, 'stage');
    await runNpm(
      this.#host,
      ['install', '--global', '--prefix', stage, '--no-audit', '--no-fund', `${this.#name}@${target.version}`],
      this.workshop,
    );
    const staged = this.#staged();
    await tryStart(this.#host, staged, target.version);
    return { ...this.layout(), links: this.#links(Object.entries(manifestOf(staged).bin)) };
  }

  layout(): Layout {
    return {
      root: this.root,
      workshop: this.workshop,
      exchanges: [{ live: this.root, staged: this.#staged(), held: join(this.workshop, 'held', 'package') }],
      links: [],
    };
  }

  reinstall({ version }: Standing): string {
    return `npm install --global --prefix ${quote(this.#prefix())} ${quote(`${this.#name}@${version}`)}`;
  }

  #staged(): string {
    return join(this.workshop, 'stage', 'lib', 'node_modules', this.#name);
  }

  #prefix(): string {
    return dirname(dirname(this.#modules));
  }

  #links(bin: readonly (readonly [string, string])[]): Layout['links'] {
    const folder = join(this.#prefix(), 'bin');
    return bin.map(([name, file]) => [join(folder, name), relative(folder, join(this.root, file))]);
  }
}
