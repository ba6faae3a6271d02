import type { AssistantBlock, DocumentBlock, ImageBlock, ImageMediaType, UserBlock } from './anthropic/content.ts';
import type { Message } from './anthropic/request.ts';
import { decodedBytes, standardBase64 } from './base64.ts';
import { OcpError } from './errors.ts';
import { imageSize, imageStructure } from './image-structure.ts';

/**
 * Images and documents as OpenAI clients send them, turned into Anthropic's blocks. Every function takes the path of
 * the field that it reads (`param`) and raises OcpError `invalid_request`, `unsupported_media_type` (415),
 * `image_too_large` or `body_too_large` (413) that names it. Limits: Anthropic API reference, Vision and PDF support.
 */
export const maxImages = 100;
export const maxImageBytes = 10 * 1024 * 1024;
export const maxPdfBytes = 32 * 1024 * 1024;
export const maxImagePixels = 8000;
/** From this many images on, none may have more pixels than `maxPixelsOfMany` on a side. */
export const manyImages = 21;
export const maxPixelsOfMany = 2000;

const imageTypes: readonly ImageMediaType[] = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'];

/** Characters of an address that Anthropic is asked to fetch. */
const longestUrl = 16_384;
/** Characters of a document's title. */
const longestTitle = 255;
/** Characters of a data URI before its comma: a type and a few parameters. */
const longestDeclaration = 1024;

/** How the base64 text of a format begins: its magic number, where it fills whole characters. */
const beginnings: readonly (readonly [string, ImageMediaType | 'application/pdf'])[] = [
  ['iVBORw0KGg', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['JVBERi', 'application/pdf'],
];

/** An image from a `data:` URI, or from an https address that Anthropic fetches. */
export function imageFromUrl(url: string, param: string): ImageBlock {
  if (!isDataUri(url)) return { type: 'image', source: { type: 'url', url: fetchableUrl(url, param) } };
  const data = readDataUri(url, param);
  return imageFromBase64(data.mediaType, data.base64, param);
}

/** An image from bare base64. The bytes decide its format; the declared type only counts when they do not tell. */
export function imageFromBase64(declaredType: string, base64: string, param: string): ImageBlock {
  const data = cleanBase64(base64, param);
  const mediaType = imageTypeOf(declaredType, data);
  if (mediaType === undefined) {
    throw new OcpError(
      'unsupported_media_type',
      `'${param}' is of type '${declaredType.slice(0, 64)}'; images must be JPEG, PNG, GIF or WebP.`,
      { param },
    );
  }
  if (decodedBytes(data) > maxImageBytes) {
    const size = (decodedBytes(data) / 1024 / 1024).toFixed(1);
    throw new OcpError('image_too_large', `'${param}' holds ${size} MiB; an image may have up to 10 MiB.`, { param });
  }
  requireImage(data, param);
  return { type: 'image', source: { type: 'base64', media_type: mediaType, data } };
}

/** Anthropic would refuse it, and the CLI puts a text in its place. */
function requireImage(data: string, param: string): void {
  const structure = imageStructure(data);
  if ('problem' in structure) {
    throw new OcpError('invalid_image', `Could not process image: '${param}' ${structure.problem}.`, { param });
  }
  const { width, height } = structure;
  if (width <= maxImagePixels && height <= maxImagePixels) return;
  const problem = `'${param}' is ${width} x ${height} pixels; an image may have up to ${maxImagePixels} on each side.`;
  throw new OcpError('invalid_image', problem, { param });
}

/** A file from a `data:` URI or bare base64: a PDF, a text or an image. `filename` becomes the document's title. */
export function fileFromData(
  fileData: string,
  filename: string | undefined,
  param: string,
): DocumentBlock | ImageBlock {
  const file = isDataUri(fileData) ? readDataUri(fileData, param) : { mediaType: '', base64: fileData };
  const title = titleOf(filename);
  if (isText(file.mediaType)) {
    const text = Buffer.from(cleanBase64(file.base64, param), 'base64').toString('utf8');
    if (text.trim() === '') throw new OcpError('invalid_request', `'${param}' holds an empty text.`, { param });
    return { type: 'document', source: { type: 'text', media_type: 'text/plain', data: text }, ...title };
  }
  const data = cleanBase64(file.base64, param);
  if (sniff(data) === 'application/pdf') {
    if (decodedBytes(data) > maxPdfBytes) {
      throw new OcpError('body_too_large', `'${param}' is larger than 32 MiB, the most that a PDF may have.`, {
        param,
      });
    }
    requirePdf(data, param);
    return { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data }, ...title };
  }
  if (imageTypeOf(file.mediaType, data) !== undefined) return imageFromBase64(file.mediaType, data, param);
  const type = file.mediaType === '' ? 'an unknown type' : `type '${file.mediaType.slice(0, 64)}'`;
  throw new OcpError('unsupported_media_type', `'${param}' is of ${type}; files must be PDFs, texts or images.`, {
    param,
  });
}

/** A PDF at an https address that Anthropic fetches. */
export function fileFromUrl(url: string, filename: string | undefined, param: string): DocumentBlock | ImageBlock {
  if (isDataUri(url)) return fileFromData(url, filename, param);
  return { type: 'document', source: { type: 'url', url: fetchableUrl(url, param) }, ...titleOf(filename) };
}

/** Raises OcpError `invalid_request` when the conversation holds more images than Anthropic takes in one request. */
export function requireImageLimit(messages: readonly Message[], param: string): void {
  const all = messages.flatMap(({ content }) => [...content]).flatMap(imagesOf);
  const images = all.length;
  if (images > maxImages) {
    throw new OcpError('invalid_request', `'${param}' holds ${images} images; at most ${maxImages} are allowed.`, {
      param,
    });
  }
  if (images < manyImages) return;
  const tooLarge = all.find(({ source }) => source.type === 'base64' && isOver(maxPixelsOfMany, source.data));
  if (tooLarge === undefined) return;
  const problem = `'${param}' holds ${images} images; of more than ${manyImages - 1}, none may have over ${maxPixelsOfMany} pixels on a side.`;
  throw new OcpError('invalid_image', problem, { param });
}

function imagesOf(block: UserBlock | AssistantBlock): readonly ImageBlock[] {
  if (block.type === 'image') return [block];
  return block.type === 'tool_result' ? block.content.filter((part) => part.type === 'image') : [];
}

function isOver(pixels: number, data: string): boolean {
  const size = imageSize(data);
  return size !== undefined && (size.width > pixels || size.height > pixels);
}

/** How near its end a PDF says that it ends, bytes: some writers put more behind it. */
const pdfEnd = 2048;

function requirePdf(data: string, param: string): void {
  const end = Buffer.from(data.slice(-4 * Math.ceil(pdfEnd / 3)), 'base64');
  if (end.includes('%%EOF')) return;
  throw new OcpError('invalid_document', `'${param}' is no whole PDF: its end is missing.`, { param });
}

function isDataUri(url: string): boolean {
  return url.slice(0, 'data:'.length).toLowerCase() === 'data:';
}

/** The type and the content of a `data:` URI (RFC 2397), percent-encoded content turned into base64. */
function readDataUri(url: string, param: string): { mediaType: string; base64: string } {
  const beginning = url.slice(0, longestDeclaration);
  const comma = beginning.indexOf(',');
  if (comma === -1) throw new OcpError('invalid_request', `'${param}' is not a valid data URI.`, { param });
  const [mediaType = '', ...parameters] = beginning
    .slice('data:'.length, comma)
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const content = url.slice(comma + 1);
  if (parameters.includes('base64')) return { mediaType, base64: content };
  return {
    mediaType: mediaType || 'text/plain',
    base64: Buffer.from(percentDecoded(content, param)).toString('base64'),
  };
}

function percentDecoded(content: string, param: string): string {
  try {
    return decodeURIComponent(content);
  } catch (cause) {
    throw new OcpError('invalid_request', `'${param}' is not a valid data URI.`, { param, cause });
  }
}

function cleanBase64(base64: string, param: string): string {
  const clean = standardBase64(base64);
  if (clean !== undefined) return clean;
  throw new OcpError('invalid_request', `'${param}' does not hold valid base64.`, { param });
}

function sniff(base64: string): ImageMediaType | 'application/pdf' | undefined {
  if (base64.startsWith('UklGR') && base64.startsWith('XRUJQ', 11)) return 'image/webp';
  return beginnings.find(([beginning]) => base64.startsWith(beginning))?.[1];
}

function imageTypeOf(declaredType: string, base64: string): ImageMediaType | undefined {
  const found = sniff(base64);
  if (found !== undefined) return found === 'application/pdf' ? undefined : found;
  const declared = declaredType.slice(0, 64).toLowerCase();
  return declared === 'image/jpg' ? 'image/jpeg' : imageTypes.find((type) => type === declared);
}

const textTypes: ReadonlySet<string> = new Set(
  ['json', 'xml', 'yaml', 'x-yaml', 'toml', 'javascript', 'typescript', 'sql', 'x-sh'].map(
    (kind) => `application/${kind}`,
  ),
);

function isText(mediaType: string): boolean {
  return (
    mediaType.startsWith('text/') ||
    textTypes.has(mediaType) ||
    mediaType.endsWith('+json') ||
    mediaType.endsWith('+xml')
  );
}

function titleOf(filename: string | undefined): { title?: string } {
  const title = filename?.trim().slice(0, longestTitle).toWellFormed() ?? '';
  return title === '' ? {} : { title };
}

function fetchableUrl(url: string, param: string): string {
  const parsed = URL.parse(url.slice(0, longestUrl));
  if (parsed?.protocol !== 'https:') {
    const problem =
      parsed === null
        ? 'is neither a data URI nor an https address'
        : `is a '${parsed.protocol.slice(0, 64)}' address; Anthropic only fetches https`;
    throw new OcpError('invalid_request', `'${param}' ${problem}.`, { param });
  }
  if (url.length <= longestUrl) return url;
  throw new OcpError('invalid_request', `'${param}' must have at most ${longestUrl} characters.`, { param });
}
