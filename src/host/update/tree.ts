import type { Run } from '../run.ts';
import type { Standing } from './journal.ts';
import type { Layout } from './scripts.ts';

/** An installation of OCP that can be brought to another version: a git checkout or a global npm install. */
export interface Tree {
  readonly kind: 'git' | 'npm';
  /** The folder of OCP's package.json. */
  readonly root: string;
  /** Where versions are prepared and kept; nothing of the installed one is in it. */
  readonly workshop: string;
  /** The same, with another signal to stop it. */
  stoppedBy(signal: AbortSignal): Tree;
  /** What is installed now. */
  standing(): Promise<Standing>;
  /**
   * Finds a version where versions come from. `light` keeps a checkout on its branch. Raises UpdateError when there is no
   * such version, or no network.
   */
  find(version: string, light: boolean): Promise<Standing>;
  /** Raises UpdateError when there is work of the operator's in the tree, which another version would bury. */
  checkOwn(): Promise<void>;
  /** Raises UpdateError when that version cannot be put in place of this one, with what to do. Changes nothing. */
  check(target: Standing): Promise<void>;
  /**
   * Makes that version ready in the workshop, with its packages, and starts it once to see that it can. Raises UpdateError;
   * the installed version is as it was.
   */
  prepare(target: Standing): Promise<Layout>;
  /** What the scripts work on while a version is ready, and after. */
  layout(): Layout;
  /** A shell command that installs the packages of a version where they were not kept. */
  reinstall(of: Standing): string;
}

/** What trees need of the machine. */
export interface TreeHost {
  readonly run: Run;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Stops what a tree waits for. */
  readonly signal: AbortSignal;
  /** Bytes that a folder's file system has left. */
  readonly freeBytes: (folder: string) => number;
}
