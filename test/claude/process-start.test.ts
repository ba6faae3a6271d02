import assert from 'node:assert/strict';
import { test } from 'node:test';
import { processStart } from '../../src/claude/process-start.ts';
import { uncollected } from '../support/processes.ts';

const skip = process.platform === 'linux' ? false : 'reads /proc';

test(
  'a process has a start while it runs, and none once it has ended, even if its parent never asks',
  { skip },
  async (t) => {
    const start = await processStart(process.pid);
    assert.match(String(start), /^\d+$/u);
    assert.equal(await processStart(process.pid), start);
    assert.equal(await processStart(await uncollected(t)), undefined);
  },
);
