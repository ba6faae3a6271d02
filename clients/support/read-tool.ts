import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Run } from './run.ts';
import type { Workspace } from './workspace.ts';

/** The tool that a program gives to an SDK: reads a file of the project. */
export const readTool = {
  name: 'read_file',
  description: 'Reads a text file of the project.',
  parameters: z.object({ path: z.string().describe('Path of the file, relative to the project') }),
} as const;

/** How the model calls it. */
export const readCall = { name: readTool.name, input: { path: 'README.md' } } as const;

/** What the tool does. */
export function readFile(workspace: Workspace, path: string): string {
  return readFileSync(join(workspace.project, path), 'utf8');
}

/** A program that ended well with this output. */
export function ended(output: string): Run {
  return { code: 0, stdout: output, stderr: '', timedOut: false };
}
