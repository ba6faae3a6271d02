import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { createInterface } from 'node:readline';
import { fakeClaudeBinary } from '../support/fake-claude.ts';
import type { Ocp } from '../support/ocp.ts';
import { isolatedEnv, packageRoot, startOcp } from '../support/ocp.ts';
import type { Snippet } from './markdown.ts';
import { documentation, snippets } from './markdown.ts';

const documented = '127.0.0.1:3456';

describe('what the documentation tells people to run', () => {
  let ocp: Ocp;
  before(async () => {
    ocp = await startOcp();
  });
  after(async () => ocp[Symbol.asyncDispose]());

  /** Runs a program to its end and gives what it wrote. */
  async function run(command: string, args: readonly string[], input = ''): Promise<string> {
    const child = spawn(command, args, {
      cwd: packageRoot,
      env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, HOME: ocp.home },
    });
    child.stdin.end(input);
    const [[status], stdout, stderr] = await Promise.all([
      once(child, 'close'),
      text(child.stdout),
      text(child.stderr),
    ]);
    assert.equal(status, 0, stderr);
    return stdout;
  }

  async function runServer(snippet: Snippet): Promise<void> {
    const env = {
      ...isolatedEnv(ocp.home, ocp.simulator.url),
      CLAUDE_PROXY_PORT: '0',
      CLAUDE_BIN: fakeClaudeBinary,
    };
    const child = spawn('/bin/sh', ['-c', `exec env ${snippet.text}`], {
      cwd: packageRoot,
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const exit = once(child, 'exit');
    try {
      const [line] = await once(createInterface({ input: child.stdout }), 'line');
      assert.match(String(line), /^OCP \S+ listens on /);
      child.kill('SIGTERM');
      assert.deepEqual(await exit, [0, null]);
    } finally {
      child.kill('SIGKILL');
    }
  }

  const runners: Record<string, (snippet: Snippet) => Promise<void>> = {
    'sh run': async (snippet) => {
      const script = snippet.text.replaceAll(documented, new URL(ocp.url).host);
      const output = await run('/bin/sh', ['-euc', script]);
      assert.doesNotMatch(output, /"error"/);
      assert.notEqual(output, '');
    },
    'js run': async (snippet) => {
      const script = snippet.text.replaceAll(documented, new URL(ocp.url).host);
      assert.match(await run(process.execPath, ['--input-type=module', '-'], script), /^Hello/);
    },
    'sh server': runServer,
  };

  for (const snippet of documentation().flatMap(snippets)) {
    it(`${snippet.file}: ${snippet.text.trim().split('\n', 1)[0] ?? ''}`, async () => {
      const runner = runners[snippet.kind];
      assert.ok(runner, `nothing runs ${snippet.kind}`);
      await runner(snippet);
    });
  }

  it('finds the snippets of the README', () => {
    const kinds = documentation()
      .filter(({ file }) => file === 'README.md')
      .flatMap(snippets)
      .map(({ kind }) => kind);
    assert.deepEqual(new Set(kinds), new Set(Object.keys(runners)));
  });

  it('only names endpoints that exist', async () => {
    const readme = documentation().find(({ file }) => file === 'README.md')?.text ?? '';
    const rows = [...readme.matchAll(/^\| `(GET|POST|PATCH|DELETE) (\/\S*)` \|/gm)];
    assert.ok(rows.length >= 4);
    for (const [, method = '', path = ''] of rows) {
      const body = method === 'GET' ? {} : { body: '{}', headers: { 'content-type': 'application/json' } };
      const response = await fetch(ocp.url + path, { method, ...body });
      assert.notEqual(response.status, 404, `${method} ${path}`);
      await response.body?.cancel();
    }
  });
});
