import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { after, before, suite, test } from 'node:test';
import type { Simulator } from '../../simulator/index.ts';
import { startSimulator, textAnswer, toolAnswer } from '../../simulator/index.ts';
import { untilHealth } from '../support/health.ts';
import { markedClaude } from '../support/ocp.ts';
import { gone, until } from '../support/processes.ts';
import type { ServeProcess, Site } from '../support/serve-process.ts';
import { createSite, kill, serve } from '../support/serve-process.ts';
import { chat, stream, workerFolderOf, workerOf } from '../support/turns.ts';

const tools = [{ type: 'function', function: { name: 'look_up', parameters: { type: 'object', properties: {} } } }];

suite('a crash of OCP', { timeout: 240_000 }, () => {
  let simulator: Simulator;

  before(async () => {
    simulator = await startSimulator();
  });
  after(async () => simulator.close());

  /** An OCP with a worker in the middle of an answer, one that waits for tools, one in a conversation, and spares. */
  async function busyOcp(
    t: TestContext,
  ): Promise<{ readonly site: Site; readonly ocp: ServeProcess; readonly midway: string }> {
    const site = createSite(t, simulator.url, { OCP_SPARES_MEMORY_MB: '500', CLAUDE_BIN: markedClaude });
    const ocp = await serve(site);
    simulator.log.clear();
    simulator.setScript([
      { when: { text: 'stay' }, reply: textAnswer(['one ', 'two'], { fault: { kind: 'stall', afterTokens: 1 } }) },
      { when: { hasTools: true }, reply: toolAnswer('look_up') },
    ]);
    await stream(ocp, 'stay');
    const midway = workerOf(simulator.log.messages()[0]);
    await chat(ocp, 'Use it', { body: { tools } });
    await chat(ocp, 'Hello');
    await untilHealth(ocp, ({ workers }) => workers.conversations === 2 && workers.spares === 2);
    await until(() => site.processes().filter(({ role }) => role === 'worker').length === 5, 30_000);
    return { site, ocp, midway };
  }

  test('takes every worker with it, whatever it was doing, and its folder', async (t) => {
    const { site, ocp } = await busyOcp(t);
    kill(ocp.pid);
    await ocp.ended;
    await until(() => site.processes().length === 0 && site.runFolders().length === 0, 10_000);
    await simulator.log.waitFor(({ outcome, body }) => outcome === 'client_closed' && body !== undefined);
  });

  test('together with its reaper leaves what the next start removes', async (t) => {
    const { site, ocp, midway } = await busyOcp(t);
    const [reaper] = site.processes().filter(({ role }) => role === 'reaper');
    assert.ok(reaper);
    kill(reaper.pid);
    await gone(reaper.pid);
    kill(ocp.pid);
    await ocp.ended;
    const left = site.processes().find(({ pid }) => workerFolderOf(pid) === midway);
    assert.ok(left, 'the worker in the middle of an answer is gone, so there is nothing to show');
    const [folder] = site.runFolders();
    const next = await serve(site);
    await gone(left.pid);
    assert.ok(folder !== undefined && !existsSync(`${site.temporary}/${folder}`));
    assert.equal(site.runFolders().length, 1);
    next.child.kill('SIGTERM');
    assert.equal((await next.ended).code, 0);
    await until(() => site.processes().length === 0 && site.runFolders().length === 0, 10_000);
  });

  test('of one OCP is no matter of another that runs beside it', async (t) => {
    const site = createSite(t, simulator.url, { OCP_SPARES_MEMORY_MB: '100' });
    simulator.setScript([]);
    const first = await serve(site);
    const home = `${String(site.env['HOME'])}/second`;
    const second = await serve({ ...site, env: { ...site.env, OCP_HOME: home } });
    await untilHealth(first, ({ workers }) => workers.spares === 1);
    kill(second.pid);
    await second.ended;
    await until(() => site.runFolders().length === 1, 10_000);
    assert.equal((await chat(first, '[[text:Still here]]')).text, 'Still here');
    first.child.kill('SIGTERM');
    await first.ended;
    await until(() => site.processes().length === 0, 10_000);
  });
});
