import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, suite, test } from 'node:test';
import type { Simulator } from '../../simulator/index.ts';
import { startSimulator, textAnswer } from '../../simulator/index.ts';
import { startOcp } from '../support/ocp.ts';
import { until } from '../support/processes.ts';
import { createSite, serve } from '../support/serve-process.ts';
import { chat, readToEnd, stream } from '../support/turns.ts';

/** Whether nobody listens there any more. */
async function isClosed(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const isOpen = once(socket, 'connect').then(
    () => true,
    () => false,
  );
  const result = await isOpen;
  socket.destroy();
  return !result;
}

suite('stopping', { timeout: 60_000 }, () => {
  let simulator: Simulator;

  before(async () => {
    simulator = await startSimulator();
  });
  after(async () => simulator.close());

  test('on SIGTERM answers end first, no new ones begin, and nothing is left', async (t) => {
    const site = createSite(t, simulator.url);
    const ocp = await serve(site);
    simulator.setScript([{ reply: textAnswer(['one ', 'two ', 'three'], { tokenDelayMs: 300 }) }]);
    const streaming = await stream(ocp, 'Count');
    const whole = chat(ocp, 'Count');
    await simulator.log.waitFor(() => simulator.log.messages().filter(({ tokensSent }) => tokensSent > 0).length === 2);
    ocp.child.kill('SIGTERM');
    await until(async () => isClosed(ocp.url));
    assert.deepEqual(await readToEnd(streaming), { text: 'one two three', errorCode: undefined, isDone: true });
    assert.equal((await whole).text, 'one two three');
    const { code, signal } = await ocp.ended;
    assert.deepEqual([code, signal], [0, null]);
    assert.deepEqual(site.processes(), []);
    assert.deepEqual(site.runFolders(), []);
  });

  test('on SIGTERM with nothing to do takes no longer than it must', async (t) => {
    const site = createSite(t, simulator.url);
    const ocp = await serve(site);
    ocp.child.kill('SIGTERM');
    const { code } = await ocp.ended;
    assert.equal(code, 0);
    assert.deepEqual([site.processes(), site.runFolders()], [[], []]);
  });

  test('on a second SIGTERM OCP goes at once, and its reaper ends the rest', async (t) => {
    const site = createSite(t, simulator.url);
    const ocp = await serve(site);
    simulator.setScript([{ reply: textAnswer(['one ', 'two'], { fault: { kind: 'stall', afterTokens: 1 } }) }]);
    await stream(ocp, 'Count');
    ocp.child.kill('SIGTERM');
    await until(async () => isClosed(ocp.url));
    ocp.child.kill('SIGTERM');
    const { code, signal } = await ocp.ended;
    assert.deepEqual([code, signal], [1, null]);
    await until(() => site.processes().length === 0 && site.runFolders().length === 0, 10_000);
  });

  test('cuts answers off that take too long, with an error that says why', async (t) => {
    const ocp = await startOcp({ limits: { stopGraceMs: 200 } });
    t.after(async () => ocp[Symbol.asyncDispose]());
    ocp.simulator.setScript([
      { when: { text: 'Count' }, reply: textAnswer(['one ', 'two'], { fault: { kind: 'stall', afterTokens: 1 } }) },
      { reply: { kind: 'silent' } },
    ]);
    const streaming = await stream(ocp, 'Count');
    const whole = chat(ocp, 'Wait');
    await ocp.simulator.log.waitFor(({ body }) => JSON.stringify(body ?? '').includes('Wait'));
    const stopped = ocp.stop();
    const { text, errorCode } = await readToEnd(streaming);
    assert.deepEqual([text, errorCode], ['one ', 'shutting_down']);
    const { status, code } = await whole;
    assert.deepEqual([status, code], [503, 'shutting_down']);
    await stopped;
    assert.deepEqual(
      ocp.simulator.log.messages().map(({ outcome }) => outcome),
      ['client_closed', 'client_closed'],
    );
  });
});
