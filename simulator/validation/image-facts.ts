/** What the first and the last bytes of an image tell. */
export interface ImageFacts {
  readonly mediaType: string;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** False where the file ends before its format says so. */
  readonly isWhole: boolean;
}

/** Undefined for bytes that begin like none of the four formats. */
export function imageFacts(bytes: Buffer): ImageFacts | undefined {
  if (bytes.subarray(0, 8).toString('latin1') === '\x89PNG\r\n\x1a\n') return png(bytes);
  if (bytes.subarray(0, 3).toString('latin1') === '\xff\xd8\xff') return jpeg(bytes);
  if (/^GIF8[79]a$/.test(bytes.subarray(0, 6).toString('latin1'))) return gif(bytes);
  if (bytes.subarray(0, 4).toString('latin1') === 'RIFF' && bytes.subarray(8, 12).toString('latin1') === 'WEBP') {
    return webp(bytes);
  }
  return undefined;
}

function png(bytes: Buffer): ImageFacts {
  const hasHeader = bytes.length >= 24 && bytes.subarray(12, 16).toString('latin1') === 'IHDR';
  return {
    mediaType: 'image/png',
    width: hasHeader ? bytes.readUInt32BE(16) : 0,
    height: hasHeader ? bytes.readUInt32BE(20) : 0,
    isWhole: bytes.includes('IDAT') && bytes.includes('IEND'),
  };
}

function jpeg(bytes: Buffer): ImageFacts {
  let at = 2;
  let size = { width: 0, height: 0 };
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xda) break;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) size = { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return { mediaType: 'image/jpeg', ...size, isWhole: bytes.includes(Buffer.from([0xff, 0xd9])) };
}

function gif(bytes: Buffer): ImageFacts {
  const hasScreen = bytes.length >= 13;
  return {
    mediaType: 'image/gif',
    width: hasScreen ? bytes.readUInt16LE(6) : 0,
    height: hasScreen ? bytes.readUInt16LE(8) : 0,
    isWhole: bytes.subarray(13).includes(0x2c) && bytes.includes(0x3b),
  };
}

function webp(bytes: Buffer): ImageFacts {
  const isWhole = bytes.length >= 30 && bytes.readUInt32LE(4) + 8 <= bytes.length + 1;
  const size = isWhole ? webpSize(bytes) : { width: 0, height: 0 };
  return { mediaType: 'image/webp', ...size, isWhole };
}

function webpSize(bytes: Buffer): { readonly width: number; readonly height: number } {
  switch (bytes.subarray(12, 16).toString('latin1')) {
    case 'VP8 ':
      return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
    case 'VP8L': {
      const bits = bytes.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
    }
    case 'VP8X':
      return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
    default:
      return { width: 0, height: 0 };
  }
}
