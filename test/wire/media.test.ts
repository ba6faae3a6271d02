import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorCode } from '../../src/wire/errors.ts';
import { OcpError } from '../../src/wire/errors.ts';
import { fileFromData, fileFromUrl, imageFromUrl, requireImageLimit } from '../../src/wire/media.ts';

const bytes = {
  png: Buffer.from('89504e470d0a1a0a0000', 'hex'),
  jpeg: Buffer.from('ffd8ffe000104a464946', 'hex'),
  gif: Buffer.from('GIF89a......'),
  webp: Buffer.from('RIFF\u0001\u0002\u0003\u0004WEBPVP8 ', 'latin1'),
  pdf: Buffer.from('%PDF-1.7\n%%EOF'),
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

test('an image of no known beginning has the type it claims, also under its common wrong name', () => {
  const block = imageFromUrl('data:image/JPG;base64,AAAA', 'here');
  assert.ok(block.source.type === 'base64' && block.source.media_type === 'image/jpeg');
});

test('base64 with line breaks, of the URL alphabet or without padding becomes standard base64', () => {
  const block = imageFromUrl('data:image/png;base64,_-\r\n+/ AA', 'here');
  assert.ok(block.source.type === 'base64');
  assert.equal(block.source.data, '/++/AA==');
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
  const image = Buffer.concat([bytes.png, Buffer.alloc(limit + 1 - bytes.png.length)]);
  assert.equal(imageFromUrl(dataUri('image/png', image.subarray(0, limit)), 'here').type, 'image');
  refuses(() => imageFromUrl(dataUri('image/png', image), 'here'), 'image_too_large');
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
