import { json5 } from './json5.ts';
import { jsonc } from './jsonc.ts';
import type { Editor } from './settings.ts';
import { toml } from './toml.ts';
import { yaml } from './yaml.ts';

export const formats = { json: jsonc, json5, yaml, toml } as const satisfies Record<string, Editor>;

export type Format = keyof typeof formats;
