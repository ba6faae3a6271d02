import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CliProcess } from '../../src/claude/cli-process.ts';
import { ControlError } from '../../src/claude/control.ts';
import { packSetup } from '../../src/claude/setup.ts';
import { OcpError } from '../../src/wire/errors.ts';
import { fakeClaude, grandchildPid } from '../support/fake-claude.ts';
import { gone } from '../support/processes.ts';
import { ask, model, outcomeOf, scriptedWorker } from './support.ts';

const setup = packSetup({ model, system: ['Be brief.'], tools: [] });
const numbers = '0 1 2 3 4 ';
const wide = '0é漢🙂 1é漢🙂 2é漢🙂 3é漢🙂 4é漢🙂 ';

test('an answer is whole when every byte of it comes alone', async (t) => {
  const { worker } = scriptedWorker(t, { text: 'wide', bytesPerWrite: 1 });
  await worker.initialize(setup);
  const { text, error, end } = await outcomeOf(ask(worker, 'Hello'));
  assert.deepEqual({ text, error, worker: end.worker }, { text: wide, error: undefined, worker: 'idle' });
});

test('an answer is whole when all its lines come in one piece', async (t) => {
  const { worker } = scriptedWorker(t, { tokens: 2000, linesPerWrite: 10_000 });
  await worker.initialize(setup);
  const { text } = await outcomeOf(ask(worker, 'Hello'));
  const expected = Array.from({ length: 2000 }, (_, token) => `${token} `).join('');
  assert.ok(text === expected, `${text.length} of ${expected.length} characters`);
});

test('lines that are no messages change nothing', async (t) => {
  const { worker } = scriptedWorker(t, { garbage: true });
  await worker.initialize(setup);
  const { text, error, end } = await outcomeOf(ask(worker, 'Hello'));
  assert.deepEqual({ text, error, worker: end.worker }, { text: numbers, error: undefined, worker: 'idle' });
});

test('a line over the limit ends the worker, not OCP', async (t) => {
  const { worker } = scriptedWorker(t, { longLineBytes: 33 * 1024 * 1024 });
  await worker.initialize(setup);
  const { text, error, end } = await outcomeOf(ask(worker, 'Hello'));
  assert.deepEqual({ text, code: error?.code, worker: end.worker }, { text: '', code: 'worker_lost', worker: 'dead' });
  assert.match((await worker.ended).stderr, /longer than \d+ bytes/u);
});

test('a long line within the limit is no fault', async (t) => {
  const { worker } = scriptedWorker(t, { longLineBytes: 4 * 1024 * 1024 });
  await worker.initialize(setup);
  assert.equal((await outcomeOf(ask(worker, 'Hello'))).text, numbers);
});

for (const [name, how] of [
  ['with an exit code', { code: 3 }],
  ['by a signal', { signal: 'SIGSEGV' }],
] as const) {
  test(`a death ${name} before the first token can be repeated unseen`, async (t) => {
    const { worker } = scriptedWorker(t, { exit: { at: 'query', ...how } });
    await worker.initialize(setup);
    const turn = ask(worker, 'Hello');
    const { error, end } = await outcomeOf(turn);
    assert.deepEqual([error?.code, end.worker, turn.hasContent], ['worker_lost', 'dead', false]);
    const { code, signal } = await worker.ended;
    assert.deepEqual('code' in how ? { code } : { signal }, how);
  });
}

test('a death in the middle of an answer comes after what was said, and is no end of the answer', async (t) => {
  const { worker } = scriptedWorker(t, { exit: { at: 'token' } });
  await worker.initialize(setup);
  const turn = ask(worker, 'Hello');
  const { text, error, end } = await outcomeOf(turn);
  assert.deepEqual([text, error?.code, end.worker, turn.hasContent], ['0 1 2 ', 'worker_lost', 'dead', true]);
});

test('a process that ends at once is a refusal of what it is told', async (t) => {
  const { worker } = scriptedWorker(t, { exit: { at: 'start' } });
  await assert.rejects(worker.initialize(setup), ControlError);
  assert.equal(worker.hasEnded, true);
  assert.equal((await outcomeOf(ask(worker, 'Hello'))).error?.code, 'worker_lost');
});

test('a program that cannot be started shows as an end', async (t) => {
  const cli = fakeClaude(t, {});
  const missing = new CliProcess({ ...cli.command, path: `${cli.configDir}/missing` }, () => {});
  const { code, stderr } = await missing.ended;
  assert.deepEqual([code, missing.pid, missing.hasEnded], [null, 0, true]);
  assert.match(stderr, /ENOENT/u);
});

test('an initialize without an answer waits until the worker is killed', async (t) => {
  const { worker } = scriptedWorker(t, { ignores: ['initialize'] });
  await worker.started();
  const initialized = worker.initialize(setup);
  worker.kill();
  await assert.rejects(initialized, ControlError);
});

test('an interrupt ends the turn and leaves the worker usable for something new', async (t) => {
  const { worker } = scriptedWorker(t, { tokens: 1000, intervalMs: 5 });
  await worker.initialize(setup);
  const turn = ask(worker, 'Hello');
  await turn.events.first;
  turn.cancel(new OcpError('client_closed', 'The client hung up.'));
  const { error, end } = await outcomeOf(turn);
  assert.deepEqual([error?.code, end.worker, worker.hasEnded], ['client_closed', 'spent', false]);
  await worker.clear();
  assert.equal((await outcomeOf(ask(worker, 'Again [[fake:{"tokens":2}]]'))).text, '0 1 ');
});

test('a worker that ignores an interrupt is killed', async (t) => {
  const { worker } = scriptedWorker(t, { tokens: 1000, intervalMs: 5, ignores: ['interrupt'] });
  await worker.initialize(setup);
  const turn = ask(worker, 'Hello');
  await turn.events.first;
  t.mock.timers.enable({ apis: ['setTimeout'] });
  turn.cancel(new OcpError('client_closed', 'The client hung up.'));
  t.mock.timers.tick(2000);
  assert.equal((await turn.ended).worker, 'dead');
  assert.equal((await worker.ended).signal, 'SIGKILL');
});

test('a worker that ignores the end of its input and TERM is killed with all that it started', async (t) => {
  const { worker, cli } = scriptedWorker(t, { ignores: ['end of input', 'SIGTERM'], grandchild: 'quiet' });
  await worker.started();
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const stopped = worker.stop();
  t.mock.timers.tick(1000);
  t.mock.timers.tick(1000);
  await stopped;
  assert.equal((await worker.ended).signal, 'SIGKILL');
  t.mock.timers.reset();
  await gone(grandchildPid(cli.configDir));
});

test('what a worker started goes with it when it leaves by itself', async (t) => {
  const { worker, cli } = scriptedWorker(t, { grandchild: 'quiet' });
  await worker.started();
  await worker.stop();
  assert.equal((await worker.ended).code, 0);
  await gone(grandchildPid(cli.configDir));
});

test('the end of a worker shows at once, even if what it started keeps its output open', async (t) => {
  const { worker, cli } = scriptedWorker(t, { grandchild: 'holding', exit: { at: 'query' } });
  await worker.initialize(setup);
  const { error } = await outcomeOf(ask(worker, 'Hello'));
  assert.equal(error?.code, 'worker_lost');
  await gone(grandchildPid(cli.configDir));
});

test('a worker that does not say that its turn is over is killed', async (t) => {
  const { worker } = scriptedWorker(t, { ignores: ['end of turn'] });
  await worker.initialize(setup);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const turn = ask(worker, 'Hello');
  for await (const event of turn.events) if (event.type === 'message_stop') break;
  t.mock.timers.tick(5000);
  assert.equal((await turn.ended).worker, 'dead');
});

test('a worker that does not confirm that it is empty says so', async (t) => {
  const { worker } = scriptedWorker(t, { clear: 'refused' });
  await worker.initialize(setup);
  await outcomeOf(ask(worker, 'Hello'));
  await assert.rejects(worker.clear(), /did not confirm/u);
});

test('a worker that does not answer /clear is killed', async (t) => {
  const { worker } = scriptedWorker(t, { clear: 'silent' });
  await worker.initialize(setup);
  await outcomeOf(ask(worker, 'Hello'));
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const cleared = worker.clear();
  t.mock.timers.tick(3000);
  await assert.rejects(cleared, /has ended/u);
  assert.equal((await worker.ended).signal, 'SIGKILL');
});

test('what a worker says on stderr is kept for the log and never reaches a client', async (t) => {
  const stderr = 'Error: cannot read /home/somebody/.claude/secret.json';
  const { worker } = scriptedWorker(t, { stderr, exit: { at: 'query' } });
  await worker.initialize(setup);
  const { error } = await outcomeOf(ask(worker, 'Hello'));
  assert.ok(error);
  assert.doesNotMatch(`${error.message} ${String(error.cause)}`, /somebody|secret/u);
  assert.equal((await worker.ended).stderr, `${stderr}\n${stderr}\n`);
});
