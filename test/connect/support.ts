import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Asker } from '../../src/connect/asker.ts';
import { machineOf } from '../../src/connect/machine.ts';
import type { Machine } from '../../src/connect/machine.ts';
import type { ConnectProgram, ConnectValues } from '../../src/connect/run.ts';
import { runConnect } from '../../src/connect/run.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** What a stand-in for a server answers: the part of OCP's HTTP API that connecting uses. */
export interface StandIn {
  readonly url: string;
  /** `METHOD path`, with the key that came along. */
  readonly requests: readonly { readonly line: string; readonly key: string | undefined; readonly body: unknown }[];
}

export interface StandInOptions {
  readonly authMode?: string;
  readonly anonymousKey?: string;
  /** The only keys that are let in; everybody unless given. */
  readonly keys?: readonly string[];
  /** Fails every question to a model. */
  readonly isLoggedOut?: boolean;
  readonly models?: readonly object[];
}

const models = [
  { id: 'claude-opus-9', display_name: 'Claude Opus 9', max_input_tokens: 1_000_000, max_tokens: 128_000 },
  { id: 'claude-sonnet-9', display_name: 'Claude Sonnet 9', max_input_tokens: 200_000, max_tokens: 64_000 },
  { id: 'claude-haiku-9', display_name: 'Claude Haiku 9', max_input_tokens: null, max_tokens: null },
];
const names: Readonly<Record<string, string>> = {
  default: 'claude-sonnet-9',
  opus: 'claude-opus-9',
  sonnet: 'claude-sonnet-9',
  haiku: 'claude-haiku-9',
};

const answers: Readonly<Record<string, object>> = {
  '/v1/chat/completions': { choices: [{ message: { content: 'OK' } }] },
  '/v1/responses': { output: [{ type: 'message', content: [{ type: 'output_text', text: 'OK' }] }] },
  '/v1/messages': { content: [{ type: 'text', text: 'OK' }] },
};

/** Listens on a free port until the test is over. */
export async function standIn(t: TestContext, options: StandInOptions = {}): Promise<StandIn> {
  const requests: { line: string; key: string | undefined; body: unknown }[] = [];
  const list = options.models ?? models;
  const server = createServer((request, response) => {
    const key = request.headers.authorization?.replace('Bearer ', '');
    let text = '';
    request.on('data', (chunk: Buffer) => void (text += chunk.toString()));
    request.on('end', () => {
      const path = request.url ?? '';
      requests.push({ line: `${request.method ?? ''} ${path}`, key, body: text === '' ? undefined : JSON.parse(text) });
      const [status, body] = answer(path, key);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  const answer = (path: string, key: string | undefined): readonly [number, object] => {
    if (path === '/health') {
      const { authMode = 'none', anonymousKey = null } = options;
      return [200, { version: '9.9.9', authMode, anonymousKey }];
    }
    if (options.keys !== undefined && (key === undefined || !options.keys.includes(key))) {
      return [401, { error: { message: 'OCP does not know this API key.' } }];
    }
    if (path === '/v1/models') return [200, { object: 'list', data: list }];
    if (path.startsWith('/v1/models/')) {
      const found = list.find((model) => 'id' in model && model.id === names[path.slice('/v1/models/'.length)]);
      return found === undefined ? [404, { error: { message: 'No such model.' } }] : [200, found];
    }
    if (options.isLoggedOut === true) return [401, { error: { message: 'The CLI is not logged in.' } }];
    return [200, answers[path] ?? {}];
  };
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

/** A home of its own, with a `bin` folder as the whole PATH. */
export function newMachine(
  t: TestContext,
  env: Record<string, string> = {},
  platform: NodeJS.Platform = 'linux',
): Machine {
  const home = temporaryFolder(t);
  mkdirSync(join(home, 'bin'));
  return machineOf({ HOME: home, PATH: join(home, 'bin'), SHELL: '/bin/bash', ...env }, platform, home);
}

export function put(machine: Machine, path: string, content: string, mode = 0o644): string {
  const file = join(machine.home, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content, { mode });
  return file;
}

export function read(machine: Machine, path: string): string {
  return readFileSync(join(machine.home, path), 'utf8');
}

/** Every file below the home with its bytes and mode, folders with their mode; what OCP keeps for itself is left out. */
export function snapshot(machine: Machine): Readonly<Record<string, string>> {
  const entries = readdirSync(machine.home, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name !== '.ocp' && !name.startsWith('.ocp/'),
  );
  return Object.fromEntries(
    entries.sort().map((name) => {
      const path = join(machine.home, name);
      const { mode } = statSync(path);
      const content = statSync(path).isFile() ? readFileSync(path).toString('base64') : 'folder';
      return [name, `${(mode & 0o777).toString(8)} ${content}`];
    }),
  );
}

export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly lines: readonly string[];
}

/** Runs `ocp connect URL` with these options; takes every default unless an asker is given. */
export async function run(
  machine: Machine,
  url: string | undefined,
  values: ConnectValues = {},
  program: Partial<ConnectProgram> = {},
): Promise<Ran> {
  const lines: string[] = [];
  const yes = program.asker === undefined ? { yes: true } : {};
  const status = await runConnect(
    url,
    { ...yes, ...values },
    {
      machine,
      version: '1.2.3',
      print: (line) => void lines.push(line),
      asker: undefined,
      launchctl: () => assert.fail('launchctl is not to be called'),
      signal: new AbortController().signal,
      local: { url: 'http://127.0.0.1:9' },
      ...program,
    },
  );
  return { status, lines, out: lines.join('\n') };
}

/** Answers questions by the first words that match; fails for others. */
export function scripted(answers: Readonly<Record<string, unknown>>): Asker & { readonly asked: readonly string[] } {
  const asked: string[] = [];
  const find = (question: string): unknown => {
    asked.push(question);
    const key = Object.keys(answers).find((start) => question.includes(start));
    assert.ok(key !== undefined, `an unexpected question: ${question}`);
    return answers[key];
  };
  return {
    asked,
    confirm: async (question) => find(question) === true,
    text: async (question, preset) => {
      const answer = find(question);
      return typeof answer === 'string' ? answer : preset;
    },
    secret: async (question) => String(find(question)),
    choose: async (question, _options, preset) => {
      const answer = find(question);
      return typeof answer === 'number' ? answer : preset;
    },
  };
}
