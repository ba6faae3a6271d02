import type { FieldPath } from '../validate.ts';
import type { AssistantBlock, UserBlock } from './content.ts';

/** A block with its place in the request, for errors that only show once all messages are in order. */
export interface Located<Block> {
  readonly block: Block;
  readonly path: FieldPath;
}

/** One message of the conversation while it is put into normal form. */
export type Turn =
  | { readonly role: 'user'; readonly blocks: readonly Located<UserBlock>[] }
  | { readonly role: 'assistant'; readonly blocks: readonly Located<AssistantBlock>[] };
