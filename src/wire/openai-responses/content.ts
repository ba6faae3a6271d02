import * as z from 'zod';
import type { DocumentBlock, ImageBlock, TextBlock } from '../anthropic/content.ts';
import { caps } from '../caps.ts';
import { OcpError } from '../errors.ts';
import { fileFromData, fileFromUrl, imageFromUrl } from '../media.ts';
import type { FieldPath } from '../validate.ts';
import { fieldName, parseAt } from '../validate.ts';

const textPart = z.looseObject({ type: z.enum(['input_text', 'output_text', 'text']), text: z.string() });
const refusalPart = z.looseObject({ type: z.literal('refusal'), refusal: z.string() });
export const partSchema = z.discriminatedUnion('type', [
  textPart,
  refusalPart,
  z.looseObject({
    type: z.literal('input_image'),
    image_url: z.string().nullish(),
    file_id: z.string().nullish(),
  }),
  z.looseObject({
    type: z.literal('input_file'),
    file_data: z.string().nullish(),
    file_url: z.string().nullish(),
    file_id: z.string().nullish(),
    filename: z.string().nullish(),
  }),
]);
const spokenPartSchema = z.discriminatedUnion('type', [textPart, refusalPart]);

const contentSchema = z.union([z.string(), z.array(z.unknown()).max(caps.contentBlocks)]).nullish();

type Part = z.output<typeof partSchema>;

/** A user's content or a tool's output: a string, or parts of texts, images and files. */
export function readContent(content: unknown, at: FieldPath): (TextBlock | ImageBlock | DocumentBlock)[] {
  const parts = parseAt(contentSchema, content, at) ?? [];
  if (typeof parts === 'string') return [{ type: 'text', text: parts }];
  return parts.map((part, index) => toBlock(parseAt(partSchema, part, [...at, index]), [...at, index]));
}

/** What an assistant or a system message says: texts and refusals only. */
export function readTexts(content: unknown, at: FieldPath): string[] {
  const parts = parseAt(contentSchema, content, at) ?? [];
  if (typeof parts === 'string') return [parts];
  return parts.map((part, index) => {
    const spoken = parseAt(spokenPartSchema, part, [...at, index]);
    return spoken.type === 'refusal' ? spoken.refusal : spoken.text;
  });
}

function toBlock(part: Part, at: FieldPath): TextBlock | ImageBlock | DocumentBlock {
  switch (part.type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return { type: 'text', text: part.text };
    case 'refusal':
      return { type: 'text', text: part.refusal };
    case 'input_image':
      if (typeof part.image_url === 'string') return imageFromUrl(part.image_url, fieldName([...at, 'image_url']));
      return raiseMissing(part.file_id, at, "'image_url'");
    case 'input_file':
      return fileBlock(part, at);
  }
}

function fileBlock(part: Part & { type: 'input_file' }, at: FieldPath): ImageBlock | DocumentBlock {
  const name = part.filename ?? undefined;
  const { file_data: data, file_url: url } = part;
  if (typeof data === 'string') return fileFromData(data, name, fieldName([...at, 'file_data']));
  if (typeof url === 'string') return fileFromUrl(url, name, fieldName([...at, 'file_url']));
  return raiseMissing(part.file_id, at, "'file_data' or 'file_url'");
}

function raiseMissing(fileId: string | null | undefined, at: FieldPath, wanted: string): never {
  if (typeof fileId === 'string') {
    const param = fieldName([...at, 'file_id']);
    const message = `'${param}' names an uploaded file; OCP keeps no files. Send the content in ${wanted} instead.`;
    throw new OcpError('unsupported_parameter', message, { param });
  }
  const param = fieldName(at);
  throw new OcpError('invalid_request', `'${param}' needs ${wanted}.`, { param });
}
