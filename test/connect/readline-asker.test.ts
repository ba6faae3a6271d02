import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { terminalOn } from '../../src/connect/readline-asker.ts';

function terminal() {
  const input = new PassThrough();
  const output = new PassThrough();
  const stop = new AbortController();
  const { asker, close } = terminalOn(input, output, stop);
  return { input, output, stop, asker, close };
}

test('takes answers, defaults, and what was typed ahead', async (t) => {
  const { input, output, asker, close } = terminal();
  t.after(close);
  input.write('\nno\n\n mine \n7\nx\n2\n\nocp_key\n');
  assert.deepEqual(
    [
      await asker.confirm('First?', true),
      await asker.confirm('Second?', true),
      await asker.text('Name', 'ocp'),
      await asker.text('Name', 'ocp'),
      await asker.choose('Which?', ['a', 'b'], 0),
      await asker.choose('Which?', ['a', 'b'], 0),
      await asker.secret('Key'),
    ],
    [true, false, 'ocp', 'mine', 1, 0, 'ocp_key'],
  );
  const shown = String(output.read());
  assert.match(
    shown,
    /^First\? \[Y\/n\] Second\? \[Y\/n\] Name \[ocp\]: Name \[ocp\]: Which\?\n {2}1\) a\n {2}2\) b\nChoice \[1\]: /,
  );
  assert.ok(!shown.includes('ocp_key'));
});

test('a user who breaks off is told what that means', async () => {
  for (const end of ['close', 'stop'] as const) {
    const { input, stop, asker } = terminal();
    const asked = asker.confirm('Sure?', true);
    if (end === 'close') input.end();
    else stop.abort();
    await assert.rejects(asked, /Broken off/);
    await assert.rejects(asker.text('Name', 'ocp'), /Broken off/);
  }
});
