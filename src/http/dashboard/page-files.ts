import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

/** A file of the page, as it was built. */
export interface PageFile {
  readonly type: string;
  /** The file itself, and as it was compressed when it was built, by the name of the encoding. */
  readonly bodies: Readonly<Partial<Record<Encoding, Buffer>>> & { readonly identity: Buffer };
  /** A strong entity tag. */
  readonly etag: string;
}

export type Encoding = 'br' | 'gzip' | 'identity';

export interface PageFiles {
  readonly page: PageFile;
  /** By name; each name holds a hash of what is in the file. */
  readonly assets: ReadonlyMap<string, PageFile>;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
};

/** Reads the built page of a folder into memory; undefined where it is not built. */
export function readPageFiles(folder: string): PageFiles | undefined {
  const index = join(folder, 'index.html');
  const assets = join(folder, 'assets');
  if (!existsSync(index) || !existsSync(assets)) return undefined;
  const names = readdirSync(assets).filter((name) => types[extname(name)] !== undefined);
  return { page: readFile(index), assets: new Map(names.map((name) => [name, readFile(join(assets, name))])) };
}

/** The best encoding of a file that the client takes. Contract: RFC 9110, "Accept-Encoding". */
export function chooseEncoding({ bodies }: PageFile, accepted: string | undefined): Encoding {
  const taken = new Map(
    (accepted ?? '').split(',').map((part) => {
      const [name = '', ...parameters] = part.trim().toLowerCase().split(';');
      const isRefused = parameters.some((parameter) => /^\s*q=0(?:\.0*)?$/.test(parameter));
      return [name, !isRefused] as const;
    }),
  );
  const better = (['br', 'gzip'] as const).find((name) => taken.get(name) === true && bodies[name] !== undefined);
  return better ?? 'identity';
}

function readFile(path: string): PageFile {
  const identity = readFileSync(path);
  const compressed = (suffix: string): Buffer | undefined =>
    existsSync(path + suffix) ? readFileSync(path + suffix) : undefined;
  const [br, gzip] = [compressed('.br'), compressed('.gz')];
  return {
    type: types[extname(path)] ?? 'application/octet-stream',
    bodies: { identity, ...(br === undefined ? {} : { br }), ...(gzip === undefined ? {} : { gzip }) },
    etag: `"${createHash('sha256').update(identity).digest('base64url').slice(0, 22)}"`,
  };
}
