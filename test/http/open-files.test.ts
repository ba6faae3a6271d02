import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { suite, test } from 'node:test';
import { fakeClaudeBinary } from '../support/fake-claude.ts';
import { until } from '../support/processes.ts';
import { createSite, serve } from '../support/serve-process.ts';
import { chat, stream } from '../support/turns.ts';

/** Enough for a server to start with, and for a few workers. */
const LIMIT = 80;

interface MachineHealth {
  readonly status: string;
  readonly machine: {
    readonly problem: string | null;
    readonly openFiles: { readonly used: number; readonly limit: number } | null;
    readonly troubles: readonly { readonly what: string; readonly count: number }[];
  };
}

suite('without any open files left', { timeout: 120_000 }, () => {
  test('requests are refused with a reason and a time, and served again afterwards', async (t) => {
    const site = createSite(t, 'http://127.0.0.1:9', {
      CLAUDE_BIN: fakeClaudeBinary,
      CLAUDE_MAX_CONCURRENT: '60',
      CLAUDE_MAX_QUEUE: '200',
      OCP_SPARES_MEMORY_MB: '100',
    });
    const ocp = await serve(site, { openFiles: LIMIT });
    const health = async (): Promise<MachineHealth> =>
      (await (await fetch(`${ocp.url}/health`)).json()) as MachineHealth;
    assert.equal((await chat(ocp, 'Hello')).status, 200);

    // Each of these holds a worker, until there is none to be had.
    const hangUp = new AbortController();
    t.after(() => hangUp.abort());
    const held = [];
    let refused: Response | undefined;
    for (let index = 0; index < LIMIT && refused === undefined; index += 1) {
      const question = `[[fake:{"tokens":5000,"intervalMs":50}]] ${index}`;
      const response = await fetch(`${ocp.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'sonnet', stream: true, messages: [{ role: 'user', content: question }] }),
        signal: hangUp.signal,
      });
      if (response.status === 200) held.push(response);
      else refused = response;
    }
    assert.ok(refused !== undefined, 'nothing was refused');
    assert.equal(refused.status, 503);
    const { error } = (await refused.json()) as { readonly error: { readonly code: string; readonly message: string } };
    assert.equal(error.code, 'out_of_resources');
    assert.match(error.message, /open files/u);
    assert.ok(Number(refused.headers.get('retry-after')) > 0);

    await until(async () => (await health()).status === 'degraded');
    const { machine } = await health();
    assert.equal(machine.openFiles?.limit, LIMIT);
    assert.match(machine.problem ?? '', /open files/u);
    assert.ok(machine.troubles.some(({ what, count }) => what === 'open files' && count > 0));

    hangUp.abort();
    await until(async () => (await chat(ocp, 'Hello again')).status === 200, 20_000);
  });

  test('connections beyond what the server can have are closed, and the next ones are taken', async (t) => {
    const site = createSite(t, 'http://127.0.0.1:9', { CLAUDE_BIN: fakeClaudeBinary });
    const ocp = await serve(site, { openFiles: LIMIT });
    const { hostname, port } = new URL(ocp.url);
    const idle: Socket[] = [];
    t.after(() => idle.forEach((socket) => socket.destroy()));
    for (let index = 0; index < 2 * LIMIT; index += 1) {
      const socket = connect(Number(port), hostname).on('error', () => {});
      idle.push(socket);
    }
    await until(() => idle.some((socket) => socket.closed), 20_000);
    for (const socket of idle) socket.destroy();
    await until(
      () =>
        chat(ocp, 'Hello').then(
          ({ status }) => status === 200,
          () => false,
        ),
      20_000,
    );
    await (await stream(ocp, 'Hello')).next();
    assert.equal(ocp.child.exitCode, null);
  });
});
