import type { AssembledMessage } from '../wire/anthropic/message.ts';
import type { CallOrigin, PreparedCall } from './call.ts';
import { contentCharacters } from './characters.ts';
import type { RequestRecord } from './record.ts';
import { shortName } from './record.ts';

/** Who sent a request, as its record says it. */
export function originOf({
  surface,
  owner,
  caller,
  client,
  limited,
}: CallOrigin): Pick<RequestRecord, 'surface' | 'owner' | 'account' | 'caller' | 'client'> {
  return { surface, owner, account: limited?.account ?? owner, caller, client };
}

/** What a record says of a call, whatever became of it. */
export function recordOf(
  call: PreparedCall,
  outcome: RequestRecord['outcome'],
  message: AssembledMessage,
): Omit<RequestRecord, 'usage' | 'listUsd' | 'origin' | 'replayed' | 'retries' | 'durationMs' | 'firstEventMs'> {
  return {
    ...originOf(call),
    modelAsked: shortName(call.request.model),
    modelAnswered: message.model === '' ? undefined : message.model,
    outcome,
    promptChars: call.promptChars,
    responseChars: contentCharacters(message.content),
  };
}
