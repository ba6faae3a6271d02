import type { DocumentBlock, ImageBlock, TextBlock } from '../anthropic/content.ts';
import { OcpError } from '../errors.ts';
import { fileFromData, fileFromUrl, imageFromUrl } from '../media.ts';
import type { AssistantMessage, MediaPart, SystemMessage } from './body.ts';

export type MediaBlock = TextBlock | ImageBlock | DocumentBlock;

/** The content of a user or tool message as blocks; `path` is its place in the request. */
export function mediaBlocks(content: string | readonly MediaPart[] | null | undefined, path: string): MediaBlock[] {
  if (content === null || content === undefined) return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return content.map((part, index) => mediaBlock(part, `${path}[${index}]`));
}

/** A system message as one string: its parts are lines of the same prompt. */
export function systemText(content: SystemMessage['content']): string {
  if (content === null || content === undefined) return '';
  return typeof content === 'string' ? content : content.map((part) => part.text).join('\n');
}

/** What an assistant message said. Reasoning is left out: without its signature Anthropic does not take it back. */
export function assistantTexts(message: AssistantMessage): TextBlock[] {
  const { content } = message;
  const said = typeof content === 'string' ? [content] : (content ?? []).flatMap(spokenText);
  const refused = typeof message.refusal === 'string' ? [message.refusal] : [];
  return [...said, ...refused].map((text) => ({ type: 'text', text }));
}

function spokenText(part: Exclude<AssistantMessage['content'], string | null | undefined>[number]): string[] {
  switch (part.type) {
    case 'text':
    case 'input_text':
    case 'output_text':
      return [part.text];
    case 'refusal':
      return [part.refusal];
    default:
      return [];
  }
}

function mediaBlock(part: MediaPart, path: string): MediaBlock {
  switch (part.type) {
    case 'text':
    case 'input_text':
    case 'output_text':
      return { type: 'text', text: part.text };
    case 'image_url':
      return typeof part.image_url === 'string'
        ? imageFromUrl(part.image_url, `${path}.image_url`)
        : imageFromUrl(part.image_url.url, `${path}.image_url.url`);
    case 'input_image':
      if (typeof part.image_url === 'string') return imageFromUrl(part.image_url, `${path}.image_url`);
      throw missing(part.file_id, path, 'image_url');
    case 'file':
      return fileBlock(part.file, `${path}.file`);
    case 'input_file':
      return fileBlock(part, path);
    case 'input_audio':
      throw new OcpError('unsupported_parameter', `'${path}.input_audio' is not supported: Claude takes no audio.`, {
        param: `${path}.input_audio`,
      });
  }
}

interface FileFields {
  readonly file_data?: string | null | undefined;
  readonly file_url?: string | null | undefined;
  readonly filename?: string | null | undefined;
  readonly file_id?: unknown;
}

function fileBlock(file: FileFields, path: string): DocumentBlock | ImageBlock {
  const name = file.filename ?? undefined;
  if (typeof file.file_data === 'string') return fileFromData(file.file_data, name, `${path}.file_data`);
  if (typeof file.file_url === 'string') return fileFromUrl(file.file_url, name, `${path}.file_url`);
  throw missing(file.file_id, path, 'file_data');
}

function missing(fileId: unknown, path: string, wanted: string): OcpError {
  if (fileId === undefined || fileId === null) {
    return new OcpError('invalid_request', `'${path}.${wanted}' is required.`, { param: `${path}.${wanted}` });
  }
  const message = `'${path}.file_id' is not supported: no files are stored here; send the content in '${wanted}'.`;
  return new OcpError('unsupported_parameter', message, { param: `${path}.file_id` });
}
