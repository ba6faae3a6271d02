import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { machineOf } from '../../src/connect/machine.ts';
import type { Api } from '../../src/connect/api.ts';
import { runConnect } from '../../src/connect/run.ts';
import type { Surface } from './trial.ts';

const apis: Readonly<Record<Surface, Api>> = {
  'openai-chat': 'chat',
  'openai-responses': 'responses',
  'anthropic-messages': 'messages',
};

/** What connecting needs to know of a client that is tried. */
export interface Connection {
  readonly home: string;
  /** Address of OCP. */
  readonly url: string;
  readonly surface: Surface;
  /** The client's id, for `--only`. */
  readonly id: string;
}

/** Makes a client use OCP by `ocp connect`, as its user does. */
export async function connectClient({ home, url, surface, id }: Connection): Promise<void> {
  const lines: string[] = [];
  const bin = join(import.meta.dirname, '../node_modules/.bin');
  const env = { HOME: home, PATH: `${bin}:${dirname(process.execPath)}:/usr/bin:/bin`, SHELL: '/bin/sh' };
  const values = { yes: true, verify: true, only: id, api: apis[surface] };
  const status = await runConnect(url, values, {
    machine: machineOf(env, process.platform, home),
    version: 'trial',
    print: (line) => void lines.push(line),
    asker: undefined,
    launchctl: () => {},
    signal: new AbortController().signal,
    local: { url },
  });
  const output = lines.join('\n');
  assert.equal(status, 0, output);
  assert.doesNotMatch(output, /✗/u, output);
}
