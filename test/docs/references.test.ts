import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { packageRoot } from '../support/ocp.ts';
import { documentation } from './markdown.ts';

const scripts = (
  JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  }
).scripts;

/** The anchors of a page, as web hosts of repositories derive them from headings. */
function anchors(text: string): ReadonlySet<string> {
  return new Set(
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

describe('what the documentation refers to', () => {
  for (const { file, text } of documentation()) {
    it(`is there: ${file}`, () => {
      for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        const [path = '', anchor] = target.split('#', 2);
        const linked = path === '' ? join(packageRoot, file) : join(packageRoot, dirname(file), path);
        assert.ok(existsSync(linked), `${file} links to ${target}`);
        if (anchor === undefined) continue;
        assert.ok(anchors(readFileSync(linked, 'utf8')).has(anchor), `${file} links to ${target}`);
      }
      for (const [, name = ''] of text.matchAll(/`(?:[^`\n]* )?npm run ([\w:-]+)/g)) {
        assert.ok(Object.hasOwn(scripts, name), `${file} names npm run ${name}`);
      }
      for (const [, path = ''] of text.matchAll(/`((?:src|simulator|test|bench|scripts)\/[\w./-]+\.ts)`/g)) {
        assert.ok(existsSync(join(packageRoot, path)), `${file} names ${path}`);
      }
    });
  }
});
