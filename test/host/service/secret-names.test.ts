import assert from 'node:assert/strict';
import { test } from 'node:test';
import { variables } from '../../../src/config/variables.ts';
import { isSecret, withoutSecrets } from '../../../src/host/service/unit-environment.ts';

/** Variables that are not OCP's own, and whose values people would not want to see in a printed unit. */
const foreignSecrets = [
  'ANTHROPIC_API_KEY',
  'CLAUDE_CODE_OAUTH_TOKEN',
  'AWS_SECRET_ACCESS_KEY',
  'DB_PASSWORD',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'https_proxy',
  'ALL_PROXY',
];
const plain = ['PATH', 'HOME', 'LANG', 'NO_COLOR', 'MY_OWN'];

test('hides the value of every variable that is named like a secret', () => {
  for (const name of foreignSecrets) assert.deepEqual(withoutSecrets({ [name]: 'hunter2' }), { [name]: '(hidden)' });
  for (const name of plain) assert.deepEqual(withoutSecrets({ [name]: 'shown' }), { [name]: 'shown' });
});

test('hides every setting of OCP that is a secret, and no other', () => {
  const secrets = variables.filter(({ kind }) => kind === 'secret').map(({ name }) => name);
  assert.ok(secrets.includes('OCP_ADMIN_KEY') && secrets.includes('PROXY_API_KEY'));
  assert.deepEqual(
    variables.filter(({ name }) => isSecret(name)).map(({ name }) => name),
    secrets,
  );
});
