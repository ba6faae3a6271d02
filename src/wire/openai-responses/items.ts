import * as z from 'zod';
import type { TranscriptEntry } from '../anthropic/transcript.ts';
import { caps } from '../caps.ts';
import { surroundings } from '../anthropic/surroundings.ts';
import { isObject } from '../json.ts';
import { JsonTexts } from '../json-text.ts';
import { toolInput } from '../openai-chat/arguments.ts';
import type { FieldPath } from '../validate.ts';
import { fieldName, parseAt } from '../validate.ts';
import { readContent, readTexts } from './content.ts';
import { decryptReasoning } from './encrypted-reasoning.ts';
import { label } from '../name-list.ts';
import type { ClientTool } from './reply.ts';
import type { ToolList, ToolSet } from './tools.ts';

export const messageSchema = z.looseObject({
  role: z.enum(['user', 'assistant', 'system', 'developer']),
  content: z.unknown().optional(),
});
const callFields = { call_id: z.string().min(1), name: z.string().min(1), namespace: z.string().nullish() };
export const functionCallSchema = z.looseObject({ ...callFields, arguments: z.string().nullish() });
export const customCallSchema = z.looseObject({ ...callFields, input: z.string() });
export const outputSchema = z.looseObject({ call_id: z.string(), output: z.unknown().optional() });
export const reasoningSchema = z.looseObject({ encrypted_content: z.string().nullish() });
export const additionalToolsSchema = z.looseObject({ tools: z.array(z.unknown()).max(caps.tools) });
const unknownSchema = z.looseObject({ type: z.string() });

/** An input item and where it stands in the request. */
export interface PlacedItem {
  readonly item: unknown;
  readonly at: FieldPath;
}

/** The conversation that the items tell. */
export interface Conversation {
  /** What system and developer messages say, in order. */
  readonly system: readonly string[];
  readonly entries: readonly TranscriptEntry[];
  /** Items that have no counterpart at Anthropic: those of hosted tools, and another server's reasoning. */
  readonly ignored: readonly string[];
}

/** The tools that stand in the input itself (`additional_tools` items). */
export function toolsInInput(items: readonly PlacedItem[]): ToolList[] {
  return items
    .filter(({ item }) => typeOf(item) === 'additional_tools')
    .map(({ item, at }) => ({ tools: parseAt(additionalToolsSchema, item, at).tools, at: [...at, 'tools'] }));
}

/**
 * Reads the items in order. A system message at the very end speaks to the model now: where nothing of the user's stands
 * before it (or an answer of the assistant's), it is the user's message. Raises OcpError `invalid_request` with the path of the
 * field at fault.
 */
export function readItems(items: readonly PlacedItem[], tools: ToolSet): Conversation {
  const system: string[] = [];
  const entries: TranscriptEntry[] = [];
  const texts = new JsonTexts();
  const dropped = new Map<string, { readonly first: string; count: number }>();
  for (const [index, { item, at }] of items.entries()) {
    if (typeOf(item) === 'additional_tools') continue;
    const read = readItem(item, at, tools, texts);
    if (read === undefined) {
      const type = label(parseAt(unknownSchema, item, at).type);
      const same = dropped.get(type);
      if (same === undefined) dropped.set(type, { first: fieldName(at), count: 1 });
      else same.count++;
    } else if ('system' in read) {
      if (index === items.length - 1 && isUnasked(entries)) entries.push(asked(read.system));
      else if (entries.length === 0) system.push(...read.system);
      else if (read.system.length > 0) entries.push({ kind: 'user', content: [surroundings(read.system)] });
    } else {
      entries.push(read);
    }
  }
  const ignored = [...dropped].map(([type, { first, count }]) =>
    count === 1 ? `${first} (${type})` : `${first} (${type} x${count})`,
  );
  return { system, entries, ignored };
}

/** One item; undefined for one that is left out. */
function readItem(
  item: unknown,
  at: FieldPath,
  tools: ToolSet,
  texts: JsonTexts,
): TranscriptEntry | { readonly system: readonly string[] } | undefined {
  switch (typeOf(item)) {
    case 'message':
      return readMessage(item, at);
    case 'function_call': {
      const call = parseAt(functionCallSchema, item, at);
      return callEntry(call.call_id, at, tools.innerName(named('function', call)), toolInput(call.arguments, texts));
    }
    case 'custom_tool_call': {
      const call = parseAt(customCallSchema, item, at);
      return callEntry(call.call_id, at, tools.innerName(named('custom', call)), { input: call.input });
    }
    case 'function_call_output':
    case 'custom_tool_call_output': {
      const { call_id: callId, output } = parseAt(outputSchema, item, at);
      const content = readContent(output, [...at, 'output']);
      return { kind: 'result', callId, content, path: fieldName([...at, 'call_id']) };
    }
    case 'reasoning': {
      const { encrypted_content: encrypted } = parseAt(reasoningSchema, item, at);
      const block = decryptReasoning(encrypted ?? '', texts);
      return block === undefined ? undefined : { kind: 'assistant', content: [block] };
    }
    default:
      return undefined;
  }
}

function isUnasked(entries: readonly TranscriptEntry[]): boolean {
  return (entries.at(-1)?.kind ?? 'assistant') === 'assistant';
}

function asked(texts: readonly string[]): TranscriptEntry {
  return { kind: 'user', content: texts.map((text) => ({ type: 'text', text })) };
}

function readMessage(item: unknown, at: FieldPath): TranscriptEntry | { readonly system: readonly string[] } {
  const { role, content } = parseAt(messageSchema, item, at);
  const contentAt = [...at, 'content'];
  if (role === 'user') return { kind: 'user', content: readContent(content, contentAt) };
  const texts = readTexts(content, contentAt).filter((text) => text.trim() !== '');
  if (role !== 'assistant') return { system: texts };
  return { kind: 'assistant', content: texts.map((text) => ({ type: 'text', text })) };
}

function callEntry(id: string, at: FieldPath, name: string, input: ReturnType<typeof toolInput>): TranscriptEntry {
  return { kind: 'assistant', content: [{ type: 'tool_use', id, name, input }], callsAt: fieldName(at) };
}

function named(
  kind: ClientTool['kind'],
  { name, namespace }: { readonly name: string; readonly namespace?: string | null | undefined },
): ClientTool {
  return typeof namespace === 'string' ? { kind, name, namespace } : { kind, name };
}

/** Messages may come without their type. */
function typeOf(item: unknown): unknown {
  if (!isObject(item)) return undefined;
  return item['type'] === undefined && item['role'] !== undefined ? 'message' : item['type'];
}
