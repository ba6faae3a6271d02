import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isObject } from '../../src/wire/json.ts';

/** Requests recorded from real clients; they lie beside the checkout and are not part of it. */
const folder = new URL('../../../shared/client-recordings/', import.meta.url);

/** For the `skip` of a test that needs them. */
export const areRecordingsAbsent = !existsSync(folder);

export interface Recording {
  readonly name: string;
  readonly body: Record<string, unknown>;
}

/** The recorded bodies sent to this path. */
export function recordings(path: string): Recording[] {
  if (areRecordingsAbsent) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      const recording: unknown = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
      if (!isObject(recording) || recording['url'] !== path || !isObject(recording['body'])) return [];
      return [{ name, body: withWholeImages(recording['body']) as Recording['body'] }];
    });
}

/** Recordings have long strings cut; of an image's bytes only the beginning would be left. */
function withWholeImages(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withWholeImages);
  if (isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withWholeImages(member)]));
  }
  const isCutImage = typeof value === 'string' && /^data:image.*…\[\d+ chars\]$/.test(value);
  return isCutImage ? `data:image/png;base64,${onePixel}` : value;
}

const onePixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
