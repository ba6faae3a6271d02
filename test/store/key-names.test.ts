import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkedKeyName, nearestKeyName } from '../../src/store/key-name.ts';
import { OcpError } from '../../src/wire/errors.ts';

/** Every name under which OCP records usage that belongs to no key. */
const roles = ['admin', 'shared', 'local', 'remote'];

test('no key can be named like a role', () => {
  for (const role of roles) {
    for (const name of [role, role.toUpperCase(), ` ${role} `]) {
      assert.throws(() => checkedKeyName(name), new RegExp(`'${name.trim()}' is a name that OCP uses itself`, 'u'));
    }
    assert.equal(checkedKeyName(`${role}-2`), `${role}-2`);
    assert.equal(
      nearestKeyName(role, 7, () => false),
      'key-7',
    );
  }
});

test('only the admin makes the key of the public, an import does not', () => {
  assert.equal(checkedKeyName('anonymous'), 'anonymous');
  assert.equal(
    nearestKeyName('Anonymous', 7, () => false),
    'key-7',
  );
});

test('a name has at most 64 characters of a plain alphabet', () => {
  assert.equal(checkedKeyName('x'.repeat(64)).length, 64);
  for (const name of ['', '   ', 'x'.repeat(65), 'a/b', 'a\nb', 'ä', 'a"b']) {
    assert.throws(
      () => checkedKeyName(name),
      (error) => error instanceof OcpError && error.param === 'name',
    );
  }
});
