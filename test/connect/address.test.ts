import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopbackUrl, preview, serverUrl } from '../../src/connect/address.ts';

test('finds the address of a server in what people type', () => {
  const cases: readonly (readonly [string, number | undefined, string])[] = [
    ['192.168.1.100', undefined, 'http://192.168.1.100:3456'],
    ['pi.local', 4000, 'http://pi.local:4000'],
    ['my_nas:8080', undefined, 'http://my_nas:8080'],
    ['my-nas:8080', 9090, 'http://my-nas:9090'],
    ['::1', undefined, 'http://[::1]:3456'],
    ['[fe80::1]:99', undefined, 'http://[fe80::1]:99'],
    ['https://ocp.example.com', undefined, 'https://ocp.example.com'],
    ['https://ocp.example.com/v1/', undefined, 'https://ocp.example.com'],
    ['http://10.0.0.7:3456/', undefined, 'http://10.0.0.7:3456'],
  ];
  for (const [host, port, url] of cases) assert.equal(serverUrl(host, port), url);
});

test('refuses what is no address', () => {
  for (const host of [
    '',
    ' ',
    '-x',
    'a b',
    'a;b',
    '$(id)',
    '`id`',
    "it's",
    'a"b',
    'a/b',
    '../x',
    'a\nb',
    'a:0',
    'a:65536',
    'a:b',
    '[a]',
    '[::1',
    'ftp://a',
    'http://a/b',
    'http://a?b',
    'http://u:p@a',
    'http://',
    'a'.repeat(300),
  ]) {
    assert.throws(() => serverUrl(host, undefined), /is no host name/, host);
  }
});

test('knows this machine, and shows little of a key', () => {
  assert.deepEqual(['http://127.0.0.1:1', 'http://[::1]:1', 'http://localhost', 'http://10.0.0.1'].map(isLoopbackUrl), [
    true,
    true,
    true,
    false,
  ]);
  assert.deepEqual([preview('ocp_public_anon_v1'), preview('short')], ['ocp_publ...n_v1', '...']);
});
