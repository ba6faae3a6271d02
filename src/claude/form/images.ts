import type { ImageBlock } from '../../wire/anthropic/content.ts';
import type { Message } from '../../wire/anthropic/request.ts';
import { imageSize } from '../../wire/image-structure.ts';

/** The CLI makes images smaller that are wider or higher than this, pixels. */
const MOST_PIXELS = 2000;
/** It also writes those again whose file is larger, bytes. */
const MOST_BYTES = 512_000;

/**
 * The images in user messages that the CLI will make smaller, by their place. It leaves alone what is in the results of
 * tools, as long as they are written to it as history. Held by alignment/contract/altered-media.test.ts.
 */
export function alteredImages(messages: readonly Message[]): readonly string[] {
  return messages.flatMap(({ role, content }, at) =>
    role === 'assistant'
      ? []
      : content.flatMap((block, index) =>
          block.type === 'image' && isAltered(block) ? [`messages.${at}.content.${index}.image (made smaller)`] : [],
        ),
  );
}

/** Whether the CLI would not pass this image on as it is. */
export function isAltered({ source }: ImageBlock): boolean {
  if (source.type !== 'base64') return false;
  if ((source.data.length / 4) * 3 > MOST_BYTES) return true;
  const size = imageSize(source.data);
  return size !== undefined && (size.width > MOST_PIXELS || size.height > MOST_PIXELS);
}
