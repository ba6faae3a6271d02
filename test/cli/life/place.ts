import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Simulator } from '../../../simulator/index.ts';
import { startSimulator } from '../../../simulator/index.ts';
import type { Values } from '../../../src/config/config-file.ts';
import { configFilePath, readConfigFile, writeConfigFile } from '../../../src/config/config-file.ts';
import type { Remote } from '../../support/checkout.ts';
import { installFrom, makeRemote } from '../../support/checkout.ts';
import type { CommandRun } from '../../support/command.ts';
import { runOcp } from '../../support/command.ts';
import { gitEnv } from '../../support/git.ts';
import type { Ended, Strike } from '../../support/run-program.ts';
import { runProgram } from '../../support/run-program.ts';
import { fakeExecutable, temporaryFolder } from '../../support/temporary.ts';

/** A machine without a service manager, with a checkout of OCP, the real CLI, and the simulator for Anthropic. */
export interface Place {
  readonly simulator: Simulator;
  /** Everything lies in it. */
  readonly folder: string;
  readonly home: string;
  readonly ocpHome: string;
  /** The checkout. */
  readonly root: string;
  readonly remote: Remote;
  /** What a shell on it sees: nothing of OCP's own. */
  readonly shell: Readonly<Record<string, string>>;
  /** `ocp …` as a process. */
  readonly ocp: (line: string, strike?: Strike) => Promise<Ended>;
  /** `ocp …` in this process, which takes a tenth of the time; `exported` stands in the shell besides. */
  readonly here: (line: string, exported?: Readonly<Record<string, string>>) => Promise<CommandRun>;
  /** A line for a shell. */
  readonly sh: (line: string) => Promise<Ended>;
  /** The value that config.json has for it. */
  readonly setting: (name: string) => string;
  /** Puts values into config.json, or takes them out (undefined); what it gives puts back what was there. */
  readonly configure: (values: Readonly<Record<string, string | undefined>>) => () => void;
}

/** Makes one; nothing runs on it yet, and whatever runs at its end is stopped. */
export async function makePlace(t: TestContext): Promise<Place> {
  const simulator = await startSimulator({ minimumCacheTokens: 0 });
  t.after(async () => simulator.close());
  let stop = async (): Promise<unknown> => undefined;
  // Before the folder goes, which tells what runs.
  t.after(async () => stop());
  const folder = temporaryFolder(t);
  const [home, root, temporary] = ['home', 'my ocp', 'tmp'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [home, temporary]) mkdirSync(path);
  fakeExecutable(join(folder, 'bin/systemctl'), 'exit 1');
  fakeExecutable(join(folder, 'bin/npm'), 'exit 0');
  const remote = makeRemote(join(folder, 'remote.git'));
  remote.release('0.1.0');
  installFrom(remote, root);
  const shell = {
    ...gitEnv,
    HOME: home,
    PATH: `${join(folder, 'bin')}:/usr/bin:/bin`,
    TMPDIR: temporary,
  };
  const ocpHome = join(home, '.ocp');
  const write = (values: Values): void => writeConfigFile(ocpHome, values);
  const place: Place = {
    simulator,
    folder,
    home,
    ocpHome,
    root,
    remote,
    shell,
    ocp: async (line, strike) => runProgram(join(root, 'ocp'), line.split(' '), shell, strike),
    here: async (line, exported = {}) => runOcp(line.split(' '), { env: { ...shell, ...exported }, packageRoot: root }),
    sh: async (line) => runProgram('/bin/sh', ['-c', line], shell),
    setting: (name) => readConfigFile(ocpHome)[name] ?? '',
    configure(values) {
      const before = readConfigFile(ocpHome);
      const wanted = Object.entries({ ...before, ...values }).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      );
      write(Object.fromEntries(wanted));
      return () => write(before);
    },
  };
  stop = async () => place.here('stop');
  return place;
}

/** What somebody exports who has set Claude up in a shell. */
export function exportedIn({ home, root, simulator }: Place): Readonly<Record<string, string>> {
  return {
    CLAUDE_CONFIG_DIR: join(home, '.claude'),
    CLAUDE_BIN: join(root, 'node_modules/.bin/claude'),
    ANTHROPIC_BASE_URL: simulator.url,
    ANTHROPIC_API_KEY: 'sk-ant-api03-fake',
    OCP_CLAUDE_ENV: 'ANTHROPIC_BASE_URL,ANTHROPIC_API_KEY',
    // Two workers that wait, and no more.
    OCP_SPARES_MEMORY_MB: '200',
  };
}

/** A port that is free, with the next one; of those that the system gives nobody by itself, since it is kept for minutes. */
export async function freePortPair(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    if ((await isFree(port)) && (await isFree(port + 1))) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => void server.close(() => resolve(true)));
  });
}

/** The text of config.json. */
export function configText({ ocpHome }: Place): string {
  return readFileSync(configFilePath(ocpHome), 'utf8');
}

/** Runs it, and asserts that it did what it had to; gives what it said. */
export async function must(run: Promise<CommandRun | Ended>): Promise<string> {
  const ended = await run;
  const [status, said] = 'text' in ended ? [ended.code, ended.text] : [ended.status, ended.out + ended.err];
  assert.equal(status, 0, said);
  return 'text' in ended ? said : ended.out;
}
