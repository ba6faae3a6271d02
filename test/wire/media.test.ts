import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { ErrorCode } from '../../src/wire/errors.ts';
import { OcpError } from '../../src/wire/errors.ts';
import { imageStructure } from '../../src/wire/image-structure.ts';
import { fileFromData, fileFromUrl, imageFromUrl, requireImageLimit } from '../../src/wire/media.ts';
import { aPdf, gif, jpeg, png, webp } from '../support/media.ts';

const bytes = {
  png: Buffer.from(png(3, 2), 'base64'),
  jpeg: Buffer.from(jpeg(3, 2), 'base64'),
  gif: Buffer.from(gif(3, 2), 'base64'),
  webp: Buffer.from(webp(3, 2), 'base64'),
  pdf: Buffer.from(aPdf, 'base64'),
};

function dataUri(type: string, content: Buffer): string {
  return `data:${type};base64,${content.toString('base64')}`;
}

function refuses(run: () => unknown, code: ErrorCode): void {
  assert.throws(run, (error) => error instanceof OcpError && error.code === code && error.param === 'here');
}

for (const format of ['png', 'jpeg', 'gif', 'webp'] as const) {
  test(`a ${format} image is recognised by its bytes, whatever type it claims`, () => {
    for (const claimed of [`image/${format}`, 'image/png', 'application/octet-stream', '']) {
      assert.deepEqual(imageFromUrl(dataUri(claimed, bytes[format]), 'here'), {
        type: 'image',
        source: { type: 'base64', media_type: `image/${format}`, data: bytes[format].toString('base64') },
      });
    }
  });
}

test('what is no image, or not the whole of one, is refused with its place', () => {
  refuses(() => imageFromUrl('data:image/JPG;base64,AAAA', 'here'), 'invalid_image');
  for (const format of ['png', 'jpeg', 'gif', 'webp'] as const) {
    const whole = bytes[format];
    for (let length = 12; length < whole.length; length += 1) {
      refuses(() => imageFromUrl(dataUri(`image/${format}`, whole.subarray(0, length)), 'here'), 'invalid_image');
    }
  }
  refuses(() => imageFromUrl(`data:image/png;base64,${png(0, 4)}`, 'here'), 'invalid_image');
  refuses(() => fileFromData(aPdf.slice(0, -16), undefined, 'here'), 'invalid_document');
});

test('an image may have 8000 pixels on a side, of more than twenty each 2000', () => {
  for (const make of [png, jpeg, gif, webp]) {
    assert.equal(imageFromUrl(`data:image/png;base64,${make(8000, 1)}`, 'here').type, 'image');
    refuses(() => imageFromUrl(`data:image/png;base64,${make(1, 8001)}`, 'here'), 'invalid_image');
  }
  const wide = imageFromUrl(`data:image/png;base64,${png(2001, 1)}`, 'here');
  const small = imageFromUrl(`data:image/png;base64,${png(2000, 1)}`, 'here');
  const many = (count: number) =>
    [{ role: 'user', content: [...Array.from({ length: count }, () => small), wide] }] as const;
  requireImageLimit(many(19), 'here');
  refuses(() => requireImageLimit(many(20), 'here'), 'invalid_image');
});

test('any bytes are an image or are refused, in time by their length', () => {
  const start = fc.constantFrom(
    ...Object.values(bytes).flatMap((whole) => [whole.subarray(0, 13), whole.subarray(0, -3)]),
  );
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 200 }), (beginning, rest) => {
      const structure = imageStructure(Buffer.concat([beginning, rest]).toString('base64'));
      assert.ok('problem' in structure || (structure.width > 0 && structure.height > 0));
    }),
  );
});

test('base64 with line breaks, of the URL alphabet or without padding becomes standard base64', () => {
  const whole = png(2, 2);
  const written = whole.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '').replaceAll(/.{10}/gu, '$&\r\n ');
  const block = imageFromUrl(`data:image/png;base64,${written}`, 'here');
  assert.ok(block.source.type === 'base64');
  assert.equal(block.source.data, whole);
});

test('an https address is left to Anthropic to fetch', () => {
  const url = 'https://example.org/a.png?b=c';
  assert.deepEqual(imageFromUrl(url, 'here'), { type: 'image', source: { type: 'url', url } });
  assert.deepEqual(fileFromUrl(url, 'a.pdf', 'here'), {
    type: 'document',
    source: { type: 'url', url },
    title: 'a.pdf',
  });
});

test('an image that Anthropic would not take is refused with its place', () => {
  refuses(() => imageFromUrl('data:image/png;base64', 'here'), 'invalid_request');
  refuses(() => imageFromUrl('data:image/png;base64,', 'here'), 'invalid_request');
  refuses(() => imageFromUrl('data:image/png;base64,AAAAA', 'here'), 'invalid_request');
  refuses(() => imageFromUrl('data:image/png;base64,AA*A', 'here'), 'invalid_request');
  refuses(() => imageFromUrl('data:image/svg+xml;utf8,%3Csvg/%3E', 'here'), 'unsupported_media_type');
  refuses(() => imageFromUrl('http://example.org/a.png', 'here'), 'invalid_request');
  refuses(() => imageFromUrl('file:///etc/passwd', 'here'), 'invalid_request');
  refuses(() => imageFromUrl('a.png', 'here'), 'invalid_request');
});

test('an image may have 10 MiB and not one byte more', () => {
  const limit = 10 * 1024 * 1024;
  const [most, over] = [limit, limit + 1].map((length) => Buffer.alloc(length));
  for (const image of [most, over]) image?.set(bytes.png);
  assert.equal(imageFromUrl(dataUri('image/png', most ?? bytes.png), 'here').type, 'image');
  refuses(() => imageFromUrl(dataUri('image/png', over ?? bytes.png), 'here'), 'image_too_large');
});

test('a file is a PDF, a text or an image', () => {
  const pdf = bytes.pdf.toString('base64');
  const document = { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: pdf } };
  assert.deepEqual(fileFromData(dataUri('application/pdf', bytes.pdf), 'a.pdf', 'here'), {
    ...document,
    title: 'a.pdf',
  });
  assert.deepEqual(fileFromData(pdf, undefined, 'here'), document);
  assert.deepEqual(fileFromData(dataUri('text/markdown', Buffer.from('# é')), ' ', 'here'), {
    type: 'document',
    source: { type: 'text', media_type: 'text/plain', data: '# é' },
  });
  assert.deepEqual(fileFromData('data:,a%20b', undefined, 'here'), {
    type: 'document',
    source: { type: 'text', media_type: 'text/plain', data: 'a b' },
  });
  assert.equal(fileFromData(dataUri('image/png', bytes.png), 'a.png', 'here').type, 'image');
});

test('a file of another kind, or without content, is refused with its place', () => {
  refuses(
    () => fileFromData(dataUri('application/zip', Buffer.from('PK..')), undefined, 'here'),
    'unsupported_media_type',
  );
  refuses(() => fileFromData('data:text/plain;base64,ICA=', undefined, 'here'), 'invalid_request');
  refuses(() => fileFromData('data:text/plain,%E0%A4%A', undefined, 'here'), 'invalid_request');
});

test('the hundredth image passes and the next does not, also inside tool results', () => {
  const image = imageFromUrl(dataUri('image/png', bytes.png), 'here');
  const result = { type: 'tool_result', tool_use_id: 'a', content: [image] } as const;
  const hundred = [{ role: 'user', content: [result, ...Array.from({ length: 99 }, () => image)] }] as const;
  requireImageLimit(hundred, 'here');
  refuses(() => requireImageLimit([...hundred, { role: 'user', content: [image] }], 'here'), 'invalid_request');
});
