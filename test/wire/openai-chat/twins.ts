/**
 * Holds the shapes of this surface against the published types of the `openai` package: the compiler reports here when
 * an answer is no longer what the official client declares, or when a request of its types would not be read.
 */
import type { OpenAI } from 'openai';
import type { z } from 'zod';
import type { chatBody, ChatMessage } from '../../../src/wire/openai-chat/body.ts';
import type { ChatChunk } from '../../../src/wire/openai-chat/chunk.ts';
import type { ChatCompletion } from '../../../src/wire/openai-chat/completion.ts';
import type { ChatUsage, FinishReason } from '../../../src/wire/openai-chat/reply.ts';

/** Fails to compile unless every `Part` can be used as `Whole`. */
type Fits<Part extends Whole, Whole> = Part;

/** The same members as an anonymous type, which may be compared with one that has an index signature. */
type Plain<T> = T extends string ? T : T extends object ? { [Key in keyof T]: Plain<T[Key]> } : T;

export type Answer = Fits<ChatCompletion, OpenAI.ChatCompletion>;
export type Chunk = Fits<ChatChunk, OpenAI.ChatCompletionChunk>;
export type Usage = Fits<ChatUsage, OpenAI.CompletionUsage>;
export type Finish = Fits<FinishReason, OpenAI.ChatCompletion.Choice['finish_reason']>;
export type EveryFinish = Fits<OpenAI.ChatCompletion.Choice['finish_reason'], FinishReason>;
export type EveryRole = Fits<OpenAI.ChatCompletionRole, ChatMessage['role']>;
export type Request = Fits<Plain<OpenAI.ChatCompletionCreateParams>, z.input<typeof chatBody>>;
