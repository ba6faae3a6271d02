import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { ClientResult } from '../../clients/support/results.ts';
import { compatibilityPage } from '../../scripts/compatibility-docs.ts';
import { clientNotes } from '../../scripts/compatibility-notes.ts';
import { packageRoot } from '../support/ocp.ts';

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(join(packageRoot, path), 'utf8'));
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

suite('the page about clients', () => {
  const results = readJson('clients/results.json') as readonly ClientResult[];

  test('tells of the versions that are pinned, and of every pinned client', () => {
    const own = readJson('package.json') as Manifest;
    const clients = readJson('clients/package.json') as Manifest;
    const pinned = { ...own.dependencies, ...clients.dependencies, ...clients.optionalDependencies };
    for (const { packageName, version } of results)
      assert.equal(version, pinned[packageName]?.replace(/^npm:.*@/, ''), packageName);
    const programs = Object.keys({ ...clients.dependencies, ...clients.optionalDependencies });
    const helpers = /^(?:zod|@ai-sdk\/.*|ai-\d+-.*|@langchain\/.*)$/;
    const tried = new Set(results.map(({ packageName }) => packageName));
    assert.deepEqual(
      programs.filter((name) => !helpers.test(name) && !tried.has(name)),
      [],
    );
  });

  test('has notes about every client that was tried, and no others', () => {
    const tried = new Set(results.map(({ client }) => client.replace(/(?: \d+)?,.*/, '')));
    assert.deepEqual(clientNotes.map(({ client }) => client).toSorted(), [...tried].toSorted());
  });

  test('says which client fails', () => {
    const [result] = results;
    assert.ok(result);
    const page = compatibilityPage([{ ...result, client: 'Broken', passed: false }], [], result.ocp);
    assert.match(page, /^\| Broken \|.*\| \*\*no\*\* \|/m);
    assert.doesNotMatch(page, /\| yes \|/);
  });

  test('says which client was not tried with this version', () => {
    const [result] = results;
    assert.ok(result);
    const page = compatibilityPage([{ ...result, client: 'Late', ocp: '9.8.6', passed: true }], [], '9.8.7');
    assert.match(page, /^\| Late \|.*\| not tried with 9\.8\.7; with 9\.8\.6: yes \| \d+ \|$/m);
  });
});
