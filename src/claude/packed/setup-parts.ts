import { hash } from 'node:crypto';
import type { Tool } from '../../wire/anthropic/request.ts';
import type { JsonObject } from '../../wire/json.ts';
import type { ToolNames } from '../tool-names.ts';
import type { JsonPieces } from './messages.ts';

/** Some finished JSON and its name: two with the same digest are the same. */
export interface PackedJson {
  readonly bytes: Uint8Array;
  readonly digest: string;
}

/** A system prompt: its parts as JSON strings, joined by commas. */
export interface PackedSystem extends PackedJson {
  readonly count: number;
  readonly characters: number;
}

/** The tools of a client. */
export interface PackedTools {
  readonly names: readonly string[];
  /** The rest of each tool as the CLI lists it, from the comma behind its name to its closing brace. */
  readonly bytes: Uint8Array;
  /** Where the rest of each tool ends. */
  readonly ends: Uint32Array;
  readonly digest: string;
  /** Characters of their JSON. */
  readonly characters: number;
}

/** The longest tool result that the CLI passes on whole when the tool says so, characters. */
export const MAX_HELD_RESULT_CHARACTERS = 500_000;

export const noTools: PackedTools = packTools([]);
export const noSystem: PackedSystem = packSystem([]);

export function packJson(value: JsonObject): PackedJson {
  return named(Buffer.from(JSON.stringify(value)));
}

export function packSystem(texts: readonly string[]): PackedSystem {
  const bytes = Buffer.from(texts.map((text) => JSON.stringify(text)).join(','));
  return { ...named(bytes), count: texts.length, characters: texts.reduce((sum, text) => sum + text.length, 0) };
}

/** The same system prompt behind a further part; that part counts for none of its characters. */
export function withFirst(text: string | undefined, system: PackedSystem): PackedSystem {
  if (text === undefined) return system;
  const first = JSON.stringify(text);
  const bytes = Buffer.concat([Buffer.from(system.count === 0 ? first : `${first},`), system.bytes]);
  const digest = hash('sha256', `${first}\n${system.digest}`, 'base64url');
  return { ...system, bytes, digest, count: system.count + 1 };
}

/** `readOnlyHint` lets the CLI ask for parallel calls at once. */
export function packTools(tools: readonly Tool[]): PackedTools {
  const names = tools.map(({ name }) => name);
  const ends = new Uint32Array(tools.length);
  const rests: Buffer[] = [];
  let [end, characters] = [0, 0];
  for (const [index, { name, description, input_schema }] of tools.entries()) {
    const rest = JSON.stringify({
      description: description ?? '',
      inputSchema: input_schema,
      annotations: { readOnlyHint: true },
      _meta: { 'anthropic/maxResultSizeChars': MAX_HELD_RESULT_CHARACTERS },
    });
    const bytes = Buffer.from(`,${rest.slice(1)}`);
    end += bytes.length;
    ends[index] = end;
    rests.push(bytes);
    characters += rest.length + name.length;
  }
  const bytes = Buffer.concat(rests);
  const digest = hash('sha256', JSON.stringify([names, [...ends], named(bytes).digest]), 'base64url');
  return { names, bytes, ends, digest, characters };
}

/** The client's tools as an MCP server lists them: the members of a JSON array. */
export function listedTools({ names: wanted, bytes, ends }: PackedTools, names: ToolNames): JsonPieces {
  return wanted.flatMap((name, index) => [
    `${index === 0 ? '' : ','}{"name":${JSON.stringify(names.toCli(name))}`,
    bytes.subarray(ends[index - 1] ?? 0, ends[index]),
  ]);
}

function named(bytes: Buffer): PackedJson {
  return { bytes, digest: hash('sha256', bytes, 'base64url') };
}
