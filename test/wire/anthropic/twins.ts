import type Anthropic from '@anthropic-ai/sdk';
import type { WireDocument, WireImage, WireMedia } from '../../../src/wire/anthropic/content-schema.ts';
import type {
  AssistantBlock,
  DocumentBlock,
  ImageBlock,
  ToolResultBlock,
  UserBlock,
} from '../../../src/wire/anthropic/content.ts';
import type { TokenCount } from '../../../src/wire/anthropic/count-tokens.ts';
import type { BlockDelta, StopReason, StreamEvent } from '../../../src/wire/anthropic/events.ts';
import type { MessageReply, ReplyBlock, ReplyUsage } from '../../../src/wire/anthropic/reply.ts';
import type { Message, Tool, ToolChoice } from '../../../src/wire/anthropic/request.ts';
import type { Effort } from '../../../src/wire/anthropic/thinking.ts';
import type { MessagesBody } from '../../../src/wire/anthropic/schema.ts';
import type { Assignable, Mutable } from '../twin-types.ts';

/**
 * Our wire types against the published ones of `@anthropic-ai/sdk`: nothing runs here, the compiler refuses this file
 * when they part. What we send must be assignable to theirs, what we read must take everything that theirs allow.
 */
export type Content = [
  Assignable<Mutable<UserBlock>, Anthropic.ContentBlockParam>,
  Assignable<Mutable<AssistantBlock>, Anthropic.ContentBlockParam>,
  Assignable<Mutable<ImageBlock>, Anthropic.ImageBlockParam>,
  Assignable<Mutable<DocumentBlock>, Anthropic.DocumentBlockParam>,
  Assignable<Mutable<ToolResultBlock>, Anthropic.ToolResultBlockParam>,
  Assignable<UserBlock['type'] | AssistantBlock['type'], Anthropic.ContentBlockParam['type']>,
];

export type ReadContent = [
  Assignable<Anthropic.ImageBlockParam, WireImage>,
  Assignable<Anthropic.DocumentBlockParam, WireDocument>,
  Assignable<Anthropic.TextBlockParam | Anthropic.SearchResultBlockParam, WireMedia>,
];

export type Request = [
  Assignable<Mutable<Message>, Anthropic.MessageParam>,
  Assignable<Mutable<Omit<Tool, 'input_schema'>>, Omit<Anthropic.Tool, 'input_schema'>>,
  Assignable<Mutable<ToolChoice>, Anthropic.ToolChoice>,
  Assignable<Anthropic.ToolChoice['type'], ToolChoice['type']>,
  Assignable<Exclude<Effort, 'none'>, NonNullable<Anthropic.OutputConfig['effort']>>,
  Assignable<NonNullable<Anthropic.OutputConfig['effort']>, Effort>,
  Assignable<Anthropic.MessageCreateParams['model'], MessagesBody['model']>,
  Assignable<Anthropic.MessageCreateParams['max_tokens'], MessagesBody['max_tokens']>,
  Assignable<Anthropic.MessageCreateParams['stop_sequences'], MessagesBody['stop_sequences']>,
  Assignable<Anthropic.MessageCreateParams['stream'], MessagesBody['stream']>,
  Assignable<Anthropic.MessageCreateParams['thinking'], MessagesBody['thinking']>,
  Assignable<Anthropic.MessageCreateParams['tool_choice'], MessagesBody['tool_choice']>,
  Assignable<Anthropic.MessageParam['role'], MessagesBody['messages'][number]['role']>,
];

export type Events = [
  Assignable<StreamEvent['type'], Anthropic.RawMessageStreamEvent['type']>,
  Assignable<Anthropic.RawMessageStreamEvent['type'], StreamEvent['type']>,
  Assignable<Mutable<BlockDelta>, Anthropic.RawContentBlockDelta>,
  Assignable<Anthropic.StopReason, StopReason>,
  Assignable<Anthropic.RawMessageStartEvent['message']['usage'], StartUsage>,
  Assignable<Anthropic.RawContentBlockStopEvent, Extract<StreamEvent, { type: 'content_block_stop' }>>,
  Assignable<Anthropic.RawMessageStopEvent, Extract<StreamEvent, { type: 'message_stop' }>>,
  Assignable<Anthropic.RawMessageDeltaEvent, Extract<StreamEvent, { type: 'message_delta' }>>,
];

type StartUsage = Extract<StreamEvent, { type: 'message_start' }>['message']['usage'];

export type Reply = [
  Assignable<
    Mutable<Omit<MessageReply, 'stop_reason' | 'usage' | 'content'>>,
    Omit<Anthropic.Message, 'stop_reason' | 'usage' | 'content'>
  >,
  Assignable<Mutable<Exclude<ReplyBlock, { type: 'text' }>>, Anthropic.ContentBlock>,
  // The API leaves `citations` out where there are none, whatever its type says; clients refuse a null.
  Assignable<Mutable<Extract<ReplyBlock, { type: 'text' }>>, Omit<Anthropic.TextBlock, 'citations'>>,
  Assignable<keyof Anthropic.Message, keyof MessageReply>,
  Assignable<keyof Anthropic.Usage, keyof ReplyUsage>,
  Assignable<TokenCount, Anthropic.MessageTokensCount>,
];
