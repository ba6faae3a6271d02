import { hash } from 'node:crypto';

/**
 * How a tool call is named towards OpenAI clients, and how that name is read when it comes back.
 *
 * Anthropic's ids look like `toolu_01AbC`. Some clients strip every character but letters and digits from an id before
 * they send it back, so what we give out has nothing else in it; and the way back restores the very id of the model, so
 * that a replayed history is byte for byte the one that Anthropic's prompt cache knows.
 */
const issued = /^calltoolu(bdrk|vrtx)?([A-Za-z0-9]+)$/;

/** The `call_id` of a `tool_use` block: `call` and the letters and digits of the block's id. */
export function callIdOf(toolUseId: string): string {
  return `call${toolUseId.replaceAll(/[^A-Za-z0-9]/g, '')}`;
}

/**
 * The `tool_use` id of a client's call id, before {@link CallIds} makes it unique: ours is turned back, a foreign one stays
 * as it is.
 */
export function toolUseIdOf(callId: string): string {
  const match = issued.exec(callId);
  return match === null ? callId : ['toolu', match[1], match[2]].filter((part) => part !== undefined).join('_');
}

/** What Anthropic takes as an id, at a length that nobody's ids exceed. */
const plain = /^[A-Za-z0-9_-]{1,64}$/;
/** The CLI takes `X_<digits>` for a repeat of `X`, and replaces the result of one of them. */
const repeat = /_\d+$/;
/** Ids that many clients use end like this. They stay, and what they would be a repeat of does not. */
const counted = /^(?:toolu|call)_\d+$/;
const countedBases: readonly string[] = ['toolu', 'call'];
/** Ids of OCP's own making. */
const own = /^toolu_ocp[0-9a-f]{32}$/;

/**
 * The ids under which the CLI knows the calls of a conversation. The same conversation always gets the same ids, whatever
 * comes behind it, so that it is found in the prompt cache; no two are the same or taken for a repeat of one another.
 */
export class CallIds {
  readonly #uses = new Map<string, number>();

  /** The id of the next call, in the order of the conversation; `wanted` may have been used by an earlier one. */
  next(wanted: string): string {
    const use = (this.#uses.get(wanted) ?? 0) + 1;
    this.#uses.set(wanted, use);
    return callIdForCli(wanted, use);
  }
}

/** The id that the first call of this id has, for a result whose call is in another request. */
export function callIdForCli(wanted: string, use = 1): string {
  const isKept = use === 1 && plain.test(wanted) && !own.test(wanted) && !isMistakable(wanted);
  return isKept ? wanted : `toolu_ocp${hash('sha256', JSON.stringify([wanted, use]), 'hex').slice(0, 32)}`;
}

function isMistakable(id: string): boolean {
  return countedBases.includes(id) || (repeat.test(id) && !counted.test(id));
}
