import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { OcpError, toOcpError } from '../../wire/errors.ts';
import type { BodyShare } from './body-budget.ts';
import type { BodyLimits } from './body-limits.ts';
import { tooDeep, tooLong, tooManyValues } from './body-limits.ts';
import { Collector } from './collector.ts';
import { decoderFor } from './decoder.ts';
import { JsonCounter } from './json-counter.ts';
import type { PaceRules } from './upload-pace.ts';
import { UploadPace } from './upload-pace.ts';

/** A body as it came, decoded and counted, and not parsed. */
export interface ReceivedBody {
  readonly bytes: Buffer;
  /** How many values it holds. */
  readonly values: number;
}

export interface ReceiveOptions {
  readonly limits: BodyLimits;
  readonly share: BodyShare;
  readonly pace: PaceRules;
  /** Called before anything is read: a client may wait to be asked for its body. */
  readonly onBegin: () => void;
}

/**
 * Receives a request's body, counting its bytes, its values and their depth as they come. Raises OcpError `body_too_large`,
 * `too_many_values`, `invalid_request` (too deep), `bodies_full`, `request_timeout`, `unsupported_media_type` or
 * `invalid_json`, and then leaves what has not come unread.
 */
export async function receiveBody(source: IncomingMessage, options: ReceiveOptions): Promise<ReceivedBody> {
  const { limits, share, pace, onBegin } = options;
  const { headers } = source;
  const makeDecoder = decoderFor(headers['content-encoding']);
  const announced = Number(headers['content-length'] ?? 0);
  if (announced > limits.bytes) throw tooLong(limits);
  share.requireRoom(announced);
  onBegin();
  const counter = new JsonCounter();
  const collector = new Collector();
  const { promise, resolve, reject } = Promise.withResolvers<ReceivedBody>();
  const watch = new UploadPace(pace, reject);
  let decoder: Transform | undefined;
  let raw = 0;
  const take = (chunk: Buffer): void => {
    if (collector.length + chunk.length > limits.bytes) throw tooLong(limits);
    share.growTo(collector.length + chunk.length);
    counter.push(chunk);
    if (counter.values > limits.values) throw tooManyValues(limits);
    if (counter.deepest > limits.depth) throw tooDeep(limits);
    collector.add(chunk);
  };
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      reject(toOcpError(error));
    }
  };
  const finish = (): void => resolve({ bytes: collector.finish(), values: counter.values });
  const openDecoder = (make: (first: number) => Transform, first: number): Transform => {
    const made = make(first);
    made.on('data', (chunk: Buffer) => attempt(() => take(chunk)));
    made.once('end', finish);
    made.once('error', () => reject(undecodable(headers['content-encoding'])));
    made.on('drain', () => source.resume());
    return made;
  };
  const onData = (chunk: Buffer): void =>
    attempt(() => {
      raw += chunk.length;
      watch.saw(chunk.length);
      if (makeDecoder === undefined) {
        take(chunk);
        return;
      }
      if (raw > limits.bytes) throw tooLong(limits);
      decoder ??= openDecoder(makeDecoder, chunk[0] ?? 0);
      if (!decoder.write(chunk)) source.pause();
    });
  const onEnd = (): void => {
    if (decoder === undefined) finish();
    else decoder.end();
  };
  const onClose = (): void => {
    if (!source.complete) reject(new OcpError('client_closed', 'The client hung up before its request was complete.'));
  };
  source.on('data', onData).once('end', onEnd).once('close', onClose).once('error', onClose);
  try {
    return await promise;
  } finally {
    watch.stop();
    source.off('data', onData).off('end', onEnd).off('close', onClose);
    if (!source.complete) source.pause();
    decoder
      ?.removeAllListeners('data')
      .on('error', () => {})
      .destroy();
  }
}

function undecodable(encoding: string | undefined): OcpError {
  return new OcpError('invalid_json', `The body cannot be decoded as ${encoding?.trim().slice(0, 64)}.`);
}
