import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { profilesIn } from '../../src/claude/profiles.ts';
import { temporaryFolder } from '../support/temporary.ts';

test('a profile is a configuration folder of its own, and no credential of the operator comes with it', async (t) => {
  const home = temporaryFolder(t);
  const profiles = profilesIn(home);
  await profiles.add('alice');
  assert.deepEqual(await profiles.list(), ['default', 'alice']);
  const operator = {
    PATH: '/bin',
    CLAUDE_CONFIG_DIR: '/operator',
    CLAUDE_CODE_OAUTH_TOKEN: 'operator-token',
    ANTHROPIC_API_KEY: 'operator-key',
    ANTHROPIC_AUTH_TOKEN: 'operator-auth',
  };
  assert.deepEqual(profiles.environment('default', operator), operator);
  const folder = join(home, 'profiles', 'alice');
  assert.deepEqual(profiles.environment('alice', operator), { PATH: '/bin', CLAUDE_CONFIG_DIR: folder });
  writeFileSync(join(folder, 'setup-token'), 'her-own-token\n');
  assert.equal(profiles.environment('alice', operator)['CLAUDE_CODE_OAUTH_TOKEN'], 'her-own-token');
  await profiles.remove('alice');
  assert.equal(profiles.has('alice'), false);
  assert.ok(profiles.has('default'));
});

test('a name that could leave the folder is none', async (t) => {
  const profiles = profilesIn(temporaryFolder(t));
  for (const name of ['..', 'a/b', '', 'Alice', 'default', '-x', 'x'.repeat(33)]) {
    await assert.rejects(profiles.add(name), RangeError);
    if (name !== 'default') assert.equal(profiles.has(name), false);
  }
});
