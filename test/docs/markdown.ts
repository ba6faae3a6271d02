import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../support/ocp.ts';

/** A page of the documentation; `file` is relative to the package. */
export interface Page {
  readonly file: string;
  readonly text: string;
}

/** A fenced block that its page marks as one that can be run: `sh run`, `js run` or `sh server`. */
export interface Snippet {
  readonly file: string;
  readonly kind: string;
  readonly text: string;
}

/** All Markdown of the project. */
export function documentation(): readonly Page[] {
  const top = readdirSync(packageRoot).filter((name) => name.endsWith('.md'));
  const docs = readdirSync(join(packageRoot, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name));
  return [...top, ...docs].map((file) => ({ file, text: readFileSync(join(packageRoot, file), 'utf8') }));
}

/** The blocks of a page that can be run. */
export function snippets({ file, text }: Page): readonly Snippet[] {
  return [...text.matchAll(/^```(\w+ (?:run|server))\n(.*?)^```$/gms)].map(([, kind = '', body = '']) => ({
    file,
    kind,
    text: body,
  }));
}
