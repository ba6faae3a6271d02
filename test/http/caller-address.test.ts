import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { callerAddressReader } from '../../src/http/caller-address.ts';
import { networkOf } from '../../src/config/networks.ts';

const proxy = '10.0.0.2';
const read = callerAddressReader(['10.0.0.0/24', '127.0.0.1', 'fd00::/16']);

suite("the caller's address", () => {
  test('is that of the right-most hop that no trusted proxy has', () => {
    const cases: readonly (readonly [string, Record<string, string>, string])[] = [
      [proxy, { 'x-forwarded-for': '198.51.100.7' }, '198.51.100.7'],
      [proxy, { 'x-forwarded-for': '127.0.0.1, 198.51.100.7' }, '198.51.100.7'],
      [proxy, { 'x-forwarded-for': '1.1.1.1, 198.51.100.7, 10.0.0.9' }, '198.51.100.7'],
      [proxy, { 'x-forwarded-for': '198.51.100.7:4711' }, '198.51.100.7'],
      [proxy, { 'x-forwarded-for': '[2001:DB8::1]:4711' }, '2001:db8::1'],
      [proxy, { 'x-forwarded-for': '2001:db8:0:0::1' }, '2001:db8::1'],
      [proxy, { 'x-forwarded-for': '::ffff:198.51.100.7' }, '198.51.100.7'],
      [proxy, { forwarded: 'for=198.51.100.7;proto=https' }, '198.51.100.7'],
      [proxy, { forwarded: 'for=1.1.1.1, For="[2001:db8::7]:80";by=10.0.0.2' }, '2001:db8::7'],
      ['::ffff:10.0.0.2', { 'x-forwarded-for': '198.51.100.7' }, '198.51.100.7'],
      ['fd00::5', { 'x-forwarded-for': '198.51.100.7' }, '198.51.100.7'],
      [proxy, { 'x-forwarded-for': '198.51.100.7', forwarded: 'for=198.51.100.7' }, '198.51.100.7'],
      // One of the two is the client's own, and nobody knows which.
      [proxy, { 'x-forwarded-for': '198.51.100.7', forwarded: 'for=203.0.113.1' }, proxy],
      [proxy, { 'x-real-ip': '198.51.100.7' }, proxy],
      ['192.0.2.9', { 'x-forwarded-for': '198.51.100.7' }, '192.0.2.9'],
    ];
    for (const [remoteAddress, headers, address] of cases) {
      const found = read({ headers, remoteAddress });
      assert.deepEqual([found.address, found.isLocal], [address, false], JSON.stringify(headers));
    }
  });

  test('is never local where anything forwarded the request, however it is written', () => {
    const hop = fc.oneof(
      fc.constantFrom(
        '127.0.0.1',
        '::1',
        '[::1]:80',
        'localhost',
        'unknown',
        '_x',
        '',
        ' ',
        '127.1',
        '0x7f.1',
        '10.0.0.2',
      ),
      fc.ipV4(),
      fc.ipV6(),
      fc.string({ maxLength: 80 }),
    );
    const header = fc.constantFrom('x-forwarded-for', 'forwarded', 'x-real-ip', 'via');
    const peer = fc.constantFrom('127.0.0.1', '::1', proxy, '192.0.2.9', undefined);
    fc.assert(
      fc.property(peer, header, fc.array(hop, { maxLength: 5 }), (remoteAddress, name, hops) => {
        const found = read({ headers: { [name]: hops.join(', ') }, remoteAddress });
        assert.equal(found.isLocal, false);
        assert.notEqual(found.place, '127.0.0.1');
      }),
    );
  });

  test('counts an IPv6 network as one place', () => {
    const place = (remoteAddress: string): string => read({ headers: {}, remoteAddress }).place;
    assert.equal(place('2001:db8:1:2::1'), place('2001:db8:1:2:3:4:5:6'));
    assert.notEqual(place('2001:db8:1:2::1'), place('2001:db8:1:3::1'));
    assert.equal(place('::ffff:192.0.2.1'), place('192.0.2.1'));
    assert.equal(place('fe80::1%eth0'), place('fe80::2%eth0'));
  });

  test('is believed of a chain of any length in a bounded time', () => {
    const found = read({
      headers: { 'x-forwarded-for': Array(5000).fill('10.0.0.3').join(',') },
      remoteAddress: proxy,
    });
    assert.equal(found.address, '10.0.0.3');
  });
});

test('a network is an address, or one with the number of its bits; everybody is none', () => {
  for (const text of ['10.0.0.1', '10.0.0.0/8', 'fd00::/8', '::1']) assert.ok(networkOf(text) !== undefined, text);
  for (const text of [
    '',
    'proxy',
    '10.0.0.0/0',
    '::/0',
    '10.0.0.0/33',
    'fd00::/129',
    '10.0.0.0/8/8',
    '10/8',
    '1.2.3.4/x',
  ])
    assert.equal(networkOf(text), undefined, text);
});
