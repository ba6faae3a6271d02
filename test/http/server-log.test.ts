import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { openLogFile } from '../../src/http/log-file.ts';
import { LogRing } from '../../src/http/log-ring.ts';
import { Redactor } from '../../src/http/redact.ts';
import { openServerLog } from '../../src/http/server-log.ts';
import { temporaryFolder } from '../support/temporary.ts';

const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);
const line = (level: string, n: number): string => JSON.stringify({ level, n });

suite('the log file', () => {
  test('is its owner’s alone and gives its end to the next run', (t) => {
    const folder = join(temporaryFolder(t), 'logs');
    mkdirSync(folder);
    writeFileSync(join(folder, 'ocp.log'), 'one\n', { mode: 0o644 });
    const first = openLogFile({ folder, maxBytes: 1000, kept: 2 });
    assert.deepEqual(first.tail, ['one']);
    first.write('two');
    first.close();
    assert.equal(mode(join(folder, 'ocp.log')), '600');
    assert.deepEqual(openLogFile({ folder, maxBytes: 1000, kept: 2 }).tail, ['one', 'two']);
  });

  test('is put aside when it is large, and the oldest goes', (t) => {
    const folder = join(temporaryFolder(t), 'logs');
    for (let run = 0; run < 5; run += 1) {
      const file = openLogFile({ folder, maxBytes: 10, kept: 2 });
      file.write(`run ${run} ${'x'.repeat(10)}`);
      file.close();
    }
    assert.deepEqual(readdirSync(folder).toSorted(), ['ocp.log', 'ocp.log.1', 'ocp.log.2']);
    const start = (name: string): string => readFileSync(join(folder, name), 'utf8').slice(0, 5);
    assert.deepEqual(['ocp.log', 'ocp.log.1', 'ocp.log.2'].map(start), ['run 4', 'run 3', 'run 2']);
  });

  test('that cannot be written does not keep OCP from running', (t) => {
    const home = join(temporaryFolder(t), 'a file');
    writeFileSync(home, '');
    const seen: string[] = [];
    const keys = { adminKey: undefined, sharedKey: undefined, anonymousKey: undefined };
    const serverLog = openServerLog({ home, ...keys }, {}, (text) => void seen.push(text));
    serverLog.log.info('still there');
    serverLog.close();
    assert.match(seen.join('\n'), /log_file_unavailable[\s\S]*still there/);
  });
});

suite('the newest lines', () => {
  test('are kept for each level, so that many of one push out none of another', () => {
    const ring = new LogRing();
    ring.add(line('error', 0));
    for (let n = 1; n <= 500; n += 1) ring.add(line('info', n));
    ring.add(line('warn', 501));
    ring.add('no JSON');
    assert.deepEqual(ring.newest(10, 'error'), [{ level: 'error', n: 0 }]);
    assert.deepEqual(ring.newest(3, 'all'), [{ level: 'info', n: 500 }, { level: 'warn', n: 501 }, { raw: 'no JSON' }]);
    assert.equal(ring.newest(1000, 'info').length, 200);
    assert.deepEqual(ring.newest(1000, 'all')[0], { level: 'error', n: 0 });
  });
});

test('keys are taken out of a line, known ones and what looks like one', () => {
  const redactor = new Redactor(['the "admin" key', undefined, 'public']);
  const key = `ocp_${'a'.repeat(32)}`;
  const text = redactor.hide(
    JSON.stringify({ a: `Bearer ${key}`, b: 'sk-ant-api03-abcdefgh', c: 'the "admin" key', d: 'public', e: 'kept' }),
  );
  for (const secret of [key, 'abcdefgh', 'admin', 'public']) assert.ok(!text.includes(secret), text);
  assert.deepEqual(JSON.parse(text), { a: 'Bearer [hidden]', b: '[hidden]', c: '[hidden]', d: '[hidden]', e: 'kept' });
});
