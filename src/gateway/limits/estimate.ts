import type { ModelCatalogue, ResolvedModel } from '../../claude/models.ts';
import type { KeyLimits, WindowLimits } from '../../store/key-record.ts';
import { mediaOf } from '../../claude/packed/messages.ts';
import type { PackedRequest } from '../packed-request.ts';
import { CHARACTERS_PER_TOKEN } from '../characters.ts';
import type { Amounts } from './amounts.ts';
import { highestPrice } from './price.ts';

/** Tokens of the notes that the CLI puts before a prompt. */
const CLI_TOKENS = 500;
/** Tokens of one image or document. */
const MEDIA_TOKENS = 1600;
/** Tokens of an answer whose length the client does not limit. */
const USUAL_ANSWER_TOKENS = 4096;

/**
 * What a request may use at most: its prompt by its length, and the longest answer that it asks for. Tokens and USD are
 * only looked at where the key has a budget of them.
 */
export function estimate(
  request: PackedRequest,
  promptCharacters: number,
  resolved: ResolvedModel,
  catalogue: ModelCatalogue,
  limits: KeyLimits,
): Amounts {
  if (!isSet(limits.tokens) && !isSet(limits.usd)) return { requests: 1, tokens: 0, usd: 0 };
  const { model } = resolved;
  const characters = promptCharacters + request.tools.characters;
  const prompt = Math.ceil(characters / CHARACTERS_PER_TOKEN) + CLI_TOKENS + mediaOf(request.messages) * MEDIA_TOKENS;
  const most = model?.maxOutputTokens ?? Number.POSITIVE_INFINITY;
  const answer = Math.min(request.maxTokens ?? USUAL_ANSWER_TOKENS, most);
  return { requests: 1, tokens: prompt + answer, usd: highestPrice(prompt, answer, model, catalogue) };
}

function isSet(windows: WindowLimits): boolean {
  return windows.daily !== null || windows.weekly !== null || windows.monthly !== null;
}
