import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DiskState } from './bench.ts';

/** The room where a folder lies, or will; undefined when it cannot be told. */
export async function diskOf(folder: string): Promise<DiskState | undefined> {
  try {
    const { bavail, blocks, bsize, ffree, files } = await statfs(folder);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize, freeFiles: files === 0 ? undefined : ffree };
  } catch {
    const parent = dirname(folder);
    return parent === folder ? undefined : diskOf(parent);
  }
}
