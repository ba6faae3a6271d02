import type { Transform } from 'node:stream';
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib';
import { OcpError } from '../../wire/errors.ts';

/** How much comes out at a time, bytes. */
const CHUNK_BYTES = 65_536;
/** How far back a zstd stream may refer, as a power of two: no further than the largest body is long. */
const ZSTD_WINDOW_LOG = 25;

const decoders: Readonly<Record<string, (first: number) => Transform>> = {
  gzip: () => createGunzip({ chunkSize: CHUNK_BYTES }),
  'x-gzip': () => createGunzip({ chunkSize: CHUNK_BYTES }),
  br: () => createBrotliDecompress({ chunkSize: CHUNK_BYTES }),
  // RFC 9110 means the zlib format; some clients leave its frame out.
  deflate: (first) => ((first & 0x0f) === 8 ? createInflate : createInflateRaw)({ chunkSize: CHUNK_BYTES }),
  zstd: () =>
    createZstdDecompress({ chunkSize: CHUNK_BYTES, params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG } }),
};

/** Makes the decoder of a body by its first byte. Undefined for a body that is sent as it is. */
export type MakeDecoder = ((first: number) => Transform) | undefined;

/** Reads `Content-Encoding`. Raises OcpError `unsupported_media_type` that names an encoding OCP does not know. */
export function decoderFor(contentEncoding: string | undefined): MakeDecoder {
  const encoding = contentEncoding?.trim().toLowerCase() ?? '';
  if (encoding === '' || encoding === 'identity') return undefined;
  const make = Object.hasOwn(decoders, encoding) ? decoders[encoding] : undefined;
  if (make !== undefined) return make;
  throw new OcpError(
    'unsupported_media_type',
    `Bodies in the Content-Encoding '${encoding.slice(0, 64)}' are not read; send them as gzip, deflate, br, zstd or as they are.`,
  );
}
