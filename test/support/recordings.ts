import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isObject } from '../../src/wire/json.ts';

/** Requests recorded from real clients; they lie beside the checkout and are not part of it. */
const folder = new URL('../../../shared/client-recordings/', import.meta.url);

/** For the `skip` of a test that needs them. */
export const areRecordingsAbsent = !existsSync(folder);

export interface Recording {
  readonly name: string;
  readonly body: Record<string, unknown>;
  /** Headers by which a client tells of itself and of what it understands; no credentials. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The recorded requests with a body to this path, whatever their query. */
export function recordings(path: string): Recording[] {
  if (areRecordingsAbsent) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      const recording: unknown = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
      if (!isObject(recording) || !isObject(recording['body'])) return [];
      if (String(recording['url']).replace(/\?.*$/, '') !== path) return [];
      const body = withWholeImages(recording['body']) as Recording['body'];
      return [{ name, body, headers: telling(recording['headers']) }];
    });
}

function telling(headers: unknown): Record<string, string> {
  const names = ['user-agent', 'x-app', 'anthropic-beta', 'anthropic-version', 'x-session-id', 'x-title'];
  const all = isObject(headers) ? headers : {};
  return Object.fromEntries(names.flatMap((name) => (typeof all[name] === 'string' ? [[name, all[name]]] : [])));
}

/** Recordings have long strings cut; of an image's bytes only the beginning would be left, and some scripts sent no more. */
function withWholeImages(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withWholeImages);
  if (isObject(value)) {
    if (value['type'] === 'base64' && isCut(value['data'])) return { ...value, data: onePixel };
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withWholeImages(member)]));
  }
  return typeof value === 'string' && value.startsWith('data:image') && isCut(value)
    ? `data:image/png;base64,${onePixel}`
    : value;
}

export const onePixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

function isCut(value: unknown): boolean {
  return typeof value === 'string' && /…\[\d+ chars\]$|^(?:data:image\/png;base64,)?iVBORw0KGgo=$/.test(value);
}
