import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './ocp.ts';

/** The prompts of docs/assistants.md, by their titles. */
const prompts = new Map(
  [
    ...readFileSync(join(packageRoot, 'docs/assistants.md'), 'utf8').matchAll(
      /^## ([^\n]+)\n.*?^```text prompt\n(.*?)^```$/gms,
    ),
  ].map(([, title = '', body = '']): [string, string] => [title, body]),
);

/** The commands in the steps of a prompt, or in all of one without steps; its text may break a line anywhere. */
export function commandsOf(title: string): readonly string[] {
  const body = prompts.get(title);
  assert.ok(body !== undefined, `there is no prompt "${title}"`);
  const steps = body.slice(Math.max(0, body.search(/^1\. /mu)));
  return [...steps.matchAll(/`((?:\.\/)?ocp |curl )([^`]+)`/g)].map(([, program = '', rest = '']) =>
    `${program}${rest}`.replaceAll(/\s+/g, ' '),
  );
}
