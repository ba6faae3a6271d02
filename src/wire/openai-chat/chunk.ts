import type { ReplyContext } from '../surface.ts';
import { completionId } from './reply.ts';
import type { ChatReply, ChatUsage, FinishReason } from './reply.ts';

export interface ToolCallDelta {
  index: number;
  id?: string;
  type?: 'function' | 'custom';
  function?: { name?: string; arguments?: string };
  custom?: { name?: string; input?: string };
}

export interface ChatDelta {
  role?: 'assistant';
  content?: string;
  refusal?: string;
  reasoning_content?: string;
  tool_calls?: ToolCallDelta[];
  function_call?: { name?: string; arguments?: string };
}

export interface ChatChunk {
  id: string;
  object: 'chat.completion.chunk';
  created: number;
  model: string;
  choices: { index: number; delta: ChatDelta; logprobs: null; finish_reason: FinishReason | null }[];
  usage?: ChatUsage | null;
}

/** Writes the text of one piece of the answer as a whole SSE frame. */
export type PieceWriter = (piece: string) => string;

/** Builds the frames of one stream, all of which share their id, time and model. */
export interface ChunkWriter {
  frame(delta: ChatDelta, finish: FinishReason | null): string;
  /** The frame that carries the usage and no choice. */
  usage(usage: ChatUsage): string;
  /** A writer for one kind of delta that only has its text to fill in: this runs once a token. */
  pieces(delta: (piece: string) => ChatDelta): PieceWriter;
}

/** No text holds it, for it is written only to be cut out again. */
const gap = '\u0000piece\u0000';

export function chunkWriter(model: string, reply: ChatReply, context: ReplyContext): ChunkWriter {
  const head = {
    id: completionId(context),
    object: 'chat.completion.chunk',
    created: context.created,
    model,
  } as const;
  const noUsage = reply.includeUsage ? { usage: null } : {};
  const frame = (delta: ChatDelta, finish: FinishReason | null): string => {
    const chunk: ChatChunk = {
      ...head,
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
      ...noUsage,
    };
    return sseFrame(chunk);
  };
  return {
    frame,
    usage: (usage) => sseFrame({ ...head, choices: [], usage } satisfies ChatChunk),
    pieces: (delta) => {
      const [before = '', after = ''] = frame(delta(gap), null).split(JSON.stringify(gap));
      return (piece) => before + jsonString(piece) + after;
    },
  };
}

export function sseFrame(data: unknown): string {
  return `data: ${escapeLineBreaks(JSON.stringify(data))}\n\n`;
}

function jsonString(text: string): string {
  return escapeLineBreaks(JSON.stringify(text));
}

const unicodeLineBreak = /[\u0085\u2028\u2029]/;

/** JSON lets these stand, but clients that read SSE with a Unicode-aware line splitter would cut the frame at them. */
function escapeLineBreaks(json: string): string {
  if (!unicodeLineBreak.test(json)) return json;
  return json.replaceAll(
    /[\u0085\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
