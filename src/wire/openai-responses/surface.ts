import { openAiError } from '../errors.ts';
import type { Surface } from '../surface.ts';
import { ResponsesEncoder } from './encoder.ts';
import { parse } from './parse.ts';
import type { ResponsesReply } from './reply.ts';
import { wholeResponse } from './response.ts';

/**
 * OpenAI Responses (`POST /v1/responses`). Requests that build on stored ones go through `parseWithPrevious` (parse.ts)
 * after `neededState` (state.ts); what is stored afterwards comes from `storedInput` and `storedOutput`.
 */
export const openAiResponses: Surface<ResponsesReply> = {
  name: 'openai-responses',
  parse,
  complete: wholeResponse,
  encoder: (reply, context) => new ResponsesEncoder(reply, context),
  errorBody: (error) => openAiError(error),
};
