import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import { readTranscript } from '../transcripts/files.ts';
import { record } from '../transcripts/record.ts';
import { scenarios } from '../transcripts/scenarios.ts';
import { openSite } from './support/site.ts';

/** Where fresh recordings are left, for `npm run alignment`; they are compared with the kept ones unless it is set. */
const folder = process.env['ALIGNMENT_RECORD'];

suite('transcripts', { concurrency: 2 }, () => {
  let version = '';
  before(async () => {
    await using site = await openSite();
    version = /^\d+\.\d+\.\d+/u.exec((await site.run(['--version'])).stdout.trim())?.[0] ?? '';
    if (folder !== undefined) mkdirSync(folder, { recursive: true });
  });

  for (const scenario of scenarios) {
    test(`of '${scenario.name}' is what was recorded of this version`, async (t) => {
      const fresh = await record(scenario);
      if (folder !== undefined) {
        writeFileSync(join(folder, `${scenario.name}.jsonl`), `${fresh.join('\n')}\n`);
        return;
      }
      const kept = readTranscript(version, scenario.name);
      if (kept === undefined) {
        t.skip(`nothing was recorded of ${version}`);
        return;
      }
      assert.deepEqual(
        fresh.map((line) => JSON.parse(line) as unknown),
        kept.map((line) => JSON.parse(line) as unknown),
      );
    });
  }
});
