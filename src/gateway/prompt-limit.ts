import { charactersOf, messageAt, withoutOldest } from '../claude/packed/messages.ts';
import { OcpError } from '../wire/errors.ts';
import { CHARACTERS_PER_TOKEN } from './characters.ts';
import type { PackedRequest } from './packed-request.ts';
import { promptCharacters } from './packed-request.ts';

const CHARACTERS_PER_TOKEN_AT_LEAST = 3;

export interface PromptLimit {
  /** Characters of system prompt and messages together; undefined leaves the limit to the model's window. */
  readonly maxCharacters: number | undefined;
  /** Leave out the oldest messages instead of refusing. */
  readonly truncate: boolean;
}

export interface LimitedRequest {
  readonly request: PackedRequest;
  /** How many messages were left out. */
  readonly dropped: number;
}

/**
 * The limit of one request. Leaving out needs a number: where the operator set none, it follows from the model's window
 * (tokens), at few characters a token, so that what is left fits.
 */
export function limitFor(limit: PromptLimit, truncate: boolean, windowTokens: number | undefined): PromptLimit {
  if (!limit.truncate && !truncate) return limit;
  const ofWindow = windowTokens === undefined ? undefined : windowTokens * CHARACTERS_PER_TOKEN_AT_LEAST;
  return { maxCharacters: limit.maxCharacters ?? ofWindow, truncate: true };
}

/** Holds a request to the operator's limit. Raises OcpError `context_length_exceeded`. */
export function limitPrompt(request: PackedRequest, limit: PromptLimit): LimitedRequest {
  const { maxCharacters } = limit;
  if (maxCharacters === undefined) return { request, dropped: 0 };
  const { messages } = request;
  let characters = promptCharacters(request);
  if (characters <= maxCharacters) return { request, dropped: 0 };
  let dropped = 0;
  if (limit.truncate) {
    for (; dropped < messages.count; dropped += 1) {
      const message = messageAt(messages, dropped);
      // A conversation begins with a user message that answers no call.
      if (characters <= maxCharacters && message.role === 'user' && !message.hasResults) break;
      characters -= message.characters;
    }
  }
  if (!limit.truncate || dropped === messages.count) throw contextLengthError(characters, maxCharacters);
  return { request: { ...request, messages: withoutOldest(messages, dropped) }, dropped };
}

/** The refusal in the words by which clients know that they must compact their history. */
export function contextLengthError(characters: number, maxCharacters: number): OcpError {
  const tokens = Math.ceil(characters / CHARACTERS_PER_TOKEN);
  const maximum = Math.floor(maxCharacters / CHARACTERS_PER_TOKEN);
  return tokensError(Math.max(tokens, maximum + 1), maximum);
}

/** The same for a prompt that the model's window, in tokens, cannot hold. */
export function windowError({ messages }: PackedRequest, windowTokens: number): OcpError {
  const characters = charactersOf(messages);
  return tokensError(Math.max(Math.ceil(characters / CHARACTERS_PER_TOKEN), windowTokens + 1), windowTokens);
}

function tokensError(tokens: number, maximum: number): OcpError {
  return new OcpError('context_length_exceeded', `prompt is too long: ${tokens} tokens > ${maximum} maximum`, {
    param: 'messages',
  });
}
