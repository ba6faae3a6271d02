import type { WireObject } from '../json.ts';
import { contentBlocks, isObject, objectsOf } from '../json.ts';
import type { ImageFacts } from './image-facts.ts';
import { imageFacts } from './image-facts.ts';
import type { Refuse, Rule } from './rule.ts';

const vision = 'Vision: General limits';
const imageTypes: readonly unknown[] = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'];
const maxImageBytes = 10 * 1024 * 1024;
const maxImages = 600;
const maxSide = 8_000;
const manyImages = 20;
const maxSideOfMany = 2_000;

interface Placed {
  readonly block: WireObject;
  readonly place: string;
}

/** Rules about images and documents. */
export const mediaRules: readonly Rule[] = [
  {
    name: 'image-count',
    source: vision,
    check: ({ messages }, refuse) => {
      const count = blocksOf(messages, 'image').length;
      if (count > maxImages) refuse(`messages: Too many images: ${count} > ${maxImages}`);
    },
  },
  {
    name: 'image-source',
    source: vision,
    check: ({ messages }, refuse) => {
      const images = blocksOf(messages, 'image');
      const most = images.length > manyImages ? maxSideOfMany : maxSide;
      for (const { block, place } of images) checkImage(block['source'], `${place}.image.source`, most, refuse);
    },
  },
  {
    name: 'pdf',
    source: 'PDF support: PDF requirements and limitations',
    check: ({ messages }, refuse) => {
      for (const { block, place } of blocksOf(messages, 'document')) {
        const source = isObject(block['source']) ? block['source'] : {};
        if (source['type'] !== 'base64') continue;
        if (source['media_type'] !== 'application/pdf') {
          refuse(`${place}.document.source.base64.media_type: Input should be 'application/pdf'`);
        }
        const bytes = Buffer.from(String(source['data']), 'base64');
        if (!bytes.subarray(0, 1_024).includes('%PDF-')) refuse(`${place}: The PDF specified was not valid.`);
      }
    },
  },
];

function checkImage(source: unknown, place: string, maxPixels: number, refuse: Refuse): void {
  if (!isObject(source)) return refuse(`${place}: Field required`);
  const { type, media_type: declared, data } = source;
  if (type === 'url' || type === 'file') return;
  if (type !== 'base64') refuse(`${place}: Input tag does not match any of the expected tags: 'base64', 'url'`);
  if (!imageTypes.includes(declared)) {
    refuse(`${place}.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'`);
  }
  if (typeof data !== 'string' || !/^[A-Za-z0-9+/]+={0,2}$/.test(data) || data.length % 4 !== 0) {
    return refuse(`${place}.base64.data: invalid base64 data`);
  }
  const bytes = Buffer.from(data, 'base64');
  if (bytes.length > maxImageBytes) {
    refuse(`${place}.base64: image exceeds 10 MB maximum: ${bytes.length} bytes > ${maxImageBytes} bytes`);
  }
  const facts: ImageFacts | undefined = imageFacts(bytes);
  if (facts === undefined) return refuse('Could not process image');
  if (facts.mediaType !== declared) {
    refuse(
      `${place}.base64: The image was specified using the ${String(declared)} media type, but the image appears to be a ${facts.mediaType} image`,
    );
  }
  if (!facts.isWhole || facts.width === 0 || facts.height === 0) refuse('Could not process image');
  if (facts.width > maxPixels || facts.height > maxPixels) {
    const many = maxPixels === maxSideOfMany ? ' for many-image requests' : '';
    refuse(
      `${place}.base64.data: At least one of the image dimensions exceed max allowed size${many}: ${maxPixels} pixels`,
    );
  }
}

/** Blocks of this type wherever they stand: in messages, and in the results of tools. */
function blocksOf(messages: unknown, type: string): readonly Placed[] {
  return objectsOf(messages).flatMap(({ content }, at) =>
    contentBlocks(content).flatMap((block, index): readonly Placed[] => {
      const place = `messages.${at}.content.${index}`;
      if (block['type'] === type) return [{ block, place }];
      if (block['type'] !== 'tool_result') return [];
      return objectsOf(block['content']).flatMap((part, nth) =>
        part['type'] === type ? [{ block: part, place: `${place}.tool_result.content.${nth}` }] : [],
      );
    }),
  );
}
