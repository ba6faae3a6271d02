import type { ImageMediaType } from './anthropic/content.ts';

/** Pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** A whole file of one of the formats that Anthropic reads, or what is wrong with it. */
export type ImageStructure = (ImageSize & { readonly mediaType: ImageMediaType }) | { readonly problem: string };

/** What of a file has to be decoded to find the size of its picture, characters of base64. */
const HEAD_CHARACTERS = 256 * 1024;

/**
 * Reads how an image is built, without its picture: the parts of its format in their order, to its end. Takes time by the
 * length of the file. Contracts: PNG (third edition) 5, JPEG (ITU-T T.81) B, GIF89a, WebP container specification.
 */
export function imageStructure(base64: string): ImageStructure {
  const bytes = Buffer.from(base64, 'base64');
  const read = readerOf(bytes);
  if (read === undefined) return { problem: 'is none of JPEG, PNG, GIF and WebP' };
  try {
    const size = read.size(bytes);
    if (size === undefined) return { problem: 'tells no size' };
    if (size.width === 0 || size.height === 0) return { problem: 'has no pixels' };
    return read.isWhole(bytes) ? { ...size, mediaType: read.mediaType } : { problem: 'ends too early' };
  } catch (error) {
    if (error instanceof RangeError) return { problem: 'ends too early' };
    throw error;
  }
}

/** The size of an image that is known to be one; undefined where its head does not tell it. */
export function imageSize(base64: string): ImageSize | undefined {
  const bytes = Buffer.from(base64.slice(0, HEAD_CHARACTERS), 'base64');
  try {
    return readerOf(bytes)?.size(bytes);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

interface Reader {
  readonly mediaType: ImageMediaType;
  /** Both raise RangeError where the file ends before what they read. */
  readonly size: (bytes: Buffer) => ImageSize | undefined;
  readonly isWhole: (bytes: Buffer) => boolean;
}

function readerOf(bytes: Buffer): Reader | undefined {
  const head = bytes.toString('latin1', 0, 12);
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return { mediaType: 'image/png', size: pngSize, isWhole: isWholePng };
  if (head.startsWith('\xff\xd8\xff')) return { mediaType: 'image/jpeg', size: jpegSize, isWhole: isWholeJpeg };
  if (head.startsWith('GIF87a') || head.startsWith('GIF89a')) {
    return { mediaType: 'image/gif', size: gifSize, isWhole: isWholeGif };
  }
  if (head.startsWith('RIFF') && head.endsWith('WEBP')) {
    return { mediaType: 'image/webp', size: webpSize, isWhole: isWholeWebp };
  }
  return undefined;
}

function pngSize(bytes: Buffer): ImageSize | undefined {
  if (bytes.readUInt32BE(8) !== 13 || bytes.toString('latin1', 12, 16) !== 'IHDR') return undefined;
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

function isWholePng(bytes: Buffer): boolean {
  let hasPicture = false;
  for (let at = 8; ; at += 12 + bytes.readUInt32BE(at)) {
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (type === 'IEND') return hasPicture && at + 12 <= bytes.length;
    hasPicture ||= type === 'IDAT' && at + 12 + bytes.readUInt32BE(at) <= bytes.length;
  }
}

const notFrames = new Set([0xc4, 0xc8, 0xcc]);

/** The segments of a JPEG up to its picture: where each begins, and its marker. */
function* jpegSegments(bytes: Buffer): Generator<readonly [at: number, marker: number]> {
  let at = 2;
  for (;;) {
    if (bytes.readUInt8(at) !== 0xff) return;
    const marker = bytes.readUInt8(at + 1);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    yield [at, marker];
    if (marker === 0xda || marker === 0xd9) return;
    at += 2 + (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7) ? 0 : bytes.readUInt16BE(at + 2));
  }
}

function jpegSize(bytes: Buffer): ImageSize | undefined {
  for (const [at, marker] of jpegSegments(bytes)) {
    if (marker < 0xc0 || marker > 0xcf || notFrames.has(marker)) continue;
    return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
  }
  return undefined;
}

function isWholeJpeg(bytes: Buffer): boolean {
  for (const [at, marker] of jpegSegments(bytes)) {
    if (marker === 0xda) return bytes.indexOf(Buffer.from([0xff, 0xd9]), at) !== -1;
  }
  return false;
}

function gifSize(bytes: Buffer): ImageSize {
  return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
}

function isWholeGif(bytes: Buffer): boolean {
  let at = 13 + colours(bytes.readUInt8(10));
  let hasPicture = false;
  for (;;) {
    const kind = bytes.readUInt8(at);
    if (kind === 0x3b) return hasPicture;
    if (kind === 0x2c) {
      hasPicture = true;
      at = afterBlocks(bytes, at + 11 + colours(bytes.readUInt8(at + 9)));
    } else if (kind === 0x21) at = afterBlocks(bytes, at + 2);
    else return false;
  }
}

/** Bytes of a colour table, by the flags that announce it. */
function colours(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1);
}

function afterBlocks(bytes: Buffer, start: number): number {
  let at = start;
  for (let length = bytes.readUInt8(at); length > 0; length = bytes.readUInt8(at)) at += 1 + length;
  return at + 1;
}

function webpSize(bytes: Buffer): ImageSize | undefined {
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
    case 'VP8L': {
      const bits = bytes.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8X':
      return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
    default:
      return undefined;
  }
}

/** Whether the picture is there: some writers leave out the byte that fills up the last chunk. */
function isWholeWebp(bytes: Buffer): boolean {
  const end = 8 + bytes.readUInt32LE(4);
  let at = 12;
  while (at + 8 <= end) {
    const length = bytes.readUInt32LE(at + 4);
    if (at + 8 + length > bytes.length) return false;
    if (['VP8 ', 'VP8L', 'ANMF'].includes(bytes.toString('latin1', at, at + 4))) return length > 0;
    at += 8 + length + (length % 2);
  }
  return false;
}
