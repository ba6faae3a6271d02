import { OcpError } from '../errors.ts';
import { fileFromData, fileFromUrl, imageFromBase64, imageFromUrl } from '../media.ts';
import type { FieldPath } from '../validate.ts';
import { fieldName, parseAt } from '../validate.ts';
import type { BlockSchemas, WireDocument, WireImage, WireMedia, WireToolResult } from './content-schema.ts';
import { resultParts } from './content-schema.ts';
import type { DocumentBlock, ImageBlock, TextBlock, ToolResultBlock, ToolResultContent } from './content.ts';
import type { Located } from './located.ts';
import type { RawBlock } from './schema.ts';

/** Takes down the name of something that was accepted and has no effect. */
export type Ignore = (name: string) => void;

/**
 * Content, a string or a list, as the blocks that its place may hold. A block of any other type (a hosted tool's, or of
 * a later API) is left out by its name.
 */
export function readContent<Block>(
  content: string | readonly RawBlock[],
  schemas: BlockSchemas<Block>,
  path: FieldPath,
  ignore: Ignore,
): Located<Block>[] {
  const raw: readonly RawBlock[] = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  return raw.flatMap((block, index) => {
    const at = typeof content === 'string' ? path : [...path, index];
    const schema = Object.hasOwn(schemas, block.type) ? schemas[block.type] : undefined;
    if (schema !== undefined) return [{ block: parseAt(schema, block, at), path: at }];
    ignore(`content.${block.type}`);
    return [];
  });
}

/** What the model is shown for one block of a user message or tool result. */
export function readMedia(
  { block, path }: Located<WireMedia>,
  ignore: Ignore,
): (TextBlock | ImageBlock | DocumentBlock)[] {
  switch (block.type) {
    case 'text':
      return readText(block.text);
    case 'image':
      return [readImage(block, path)];
    case 'document':
      if (block.citations?.enabled === true) ignore('content.document.citations');
      return readDocument(block, path);
    case 'search_result':
      return [text([block.title, block.source, ...block.content.map((part) => part.text)].join('\n'))];
  }
}

export function readToolResult({ block, path }: Located<WireToolResult>, ignore: Ignore): ToolResultBlock {
  const parts = readContent(block.content ?? [], resultParts, [...path, 'content'], ignore);
  return {
    type: 'tool_result',
    tool_use_id: block.tool_use_id,
    content: parts.flatMap((part): ToolResultContent[] => {
      // Every tool is given to the model at once, so one that a client's tool search found only has to be named.
      if (part.block.type === 'tool_reference') return [text(`Tool found: ${part.block.tool_name}`)];
      return readMedia({ block: part.block, path: part.path }, ignore);
    }),
    ...(block.is_error === true ? { is_error: true } : {}),
  };
}

/** A text as blocks: none when it is blank, because Anthropic refuses blank text blocks. */
export function readText(value: string): TextBlock[] {
  return value.trim() === '' ? [] : [text(value)];
}

function readImage({ source }: WireImage, path: FieldPath): ImageBlock {
  switch (source.type) {
    case 'base64':
      return imageFromBase64(source.media_type, source.data, fieldName([...path, 'source', 'data']));
    case 'url':
      return imageFromUrl(source.url, fieldName([...path, 'source', 'url']));
    case 'file':
      throw uploadedFile(path);
  }
}

function readDocument(block: WireDocument, path: FieldPath): (TextBlock | ImageBlock | DocumentBlock)[] {
  const { source } = block;
  const title = block.title ?? undefined;
  switch (source.type) {
    case 'base64':
      return [describe(fileFromData(source.data, undefined, fieldName([...path, 'source', 'data'])), block)];
    case 'url':
      return [describe(fileFromUrl(source.url, title, fieldName([...path, 'source', 'url'])), block)];
    case 'text':
      return plainDocument(source.data, block);
    case 'content': {
      // A document that is made of blocks becomes its text, with its images behind it.
      if (typeof source.content === 'string') return plainDocument(source.content, block);
      const texts = source.content.flatMap((part) => (part.type === 'text' ? [part.text] : []));
      const images = source.content.flatMap((part, index) =>
        part.type === 'image' ? [readImage(part, [...path, 'source', 'content', index])] : [],
      );
      return [...plainDocument(texts.join('\n\n'), block), ...images];
    }
    case 'file':
      throw uploadedFile(path);
  }
}

function plainDocument(data: string, block: WireDocument): DocumentBlock[] {
  if (data.trim() === '') return [];
  const source = { type: 'text', media_type: 'text/plain', data } as const;
  return [{ type: 'document', source, ...description(block) }];
}

function describe(read: DocumentBlock | ImageBlock, block: WireDocument): DocumentBlock | ImageBlock {
  return read.type === 'document' ? { ...read, ...description(block) } : read;
}

function description({ title, context }: WireDocument): { title?: string; context?: string } {
  return {
    ...(typeof title === 'string' && title !== '' ? { title } : {}),
    ...(typeof context === 'string' && context !== '' ? { context } : {}),
  };
}

function uploadedFile(path: FieldPath): OcpError {
  return new OcpError('unsupported_parameter', 'Uploaded files are not supported; send the content itself as base64.', {
    param: fieldName([...path, 'source', 'type']),
  });
}

function text(value: string): TextBlock {
  return { type: 'text', text: value };
}
