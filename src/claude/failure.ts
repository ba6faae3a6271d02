import type { ErrorCode } from '../wire/errors.ts';
import { OcpError } from '../wire/errors.ts';
import { loginCommand } from './login.ts';
import { withoutPaths } from './without-paths.ts';
import { DEFAULT_PROFILE } from './profiles.ts';
import type { ApiRetryLine, RateLimitInfo, ResultLine } from './protocol.ts';

/**
 * The failure of a login that is missing or refused, with what to do about it; clients see it because they are usually the
 * operator, or can ask them.
 */
export function loginFailure(what: string, profile: string): OcpError {
  const command = `On the machine that runs OCP: \`${loginCommand(profile)}\``;
  return profile === DEFAULT_PROFILE
    ? new OcpError('not_logged_in', `${what} ${command} (it runs \`claude auth login\`), then try again.`)
    : new OcpError('not_logged_in', `${what} It is the one of the profile '${profile}'. ${command}, then try again.`);
}

/** The CLI gives up at once where the API asks for a longer wait, and does not say for how long, s. */
const LONGEST_TOLD_SECONDS = 60;

/** What is known when a call of the API has failed. */
export interface FailureFacts {
  /** HTTP status of the API, or null when there was no answer. */
  readonly status: number | null;
  readonly text: string;
  readonly terminalReason?: string | null;
  /** Milliseconds after which the CLI would have tried again. */
  readonly retryDelayMs?: number;
  /** The last word about the plan of a subscription. */
  readonly plan?: RateLimitInfo;
  /** Unix time, ms. */
  readonly now: number;
}

/** The failure of a turn, read off its `result` line. */
export function resultFailure(line: ResultLine, plan: RateLimitInfo | undefined, now: number): OcpError {
  return apiFailure({
    status: line.api_error_status ?? null,
    text: line.result ?? line.errors?.join('; ') ?? '',
    terminalReason: line.terminal_reason ?? null,
    ...(plan === undefined ? {} : { plan }),
    now,
  });
}

/** The failure that the CLI would have tried again, when OCP does not want to wait for it. */
export function retryFailure(line: ApiRetryLine, plan: RateLimitInfo | undefined, now: number): OcpError {
  return apiFailure({
    status: line.error_status,
    text: line.error,
    retryDelayMs: line.retry_delay_ms,
    ...(plan === undefined ? {} : { plan }),
    now,
  });
}

/** Puts a failed call of the API into the catalogue. */
export function apiFailure(facts: FailureFacts): OcpError {
  const text = clientText(facts.text);
  if (facts.terminalReason === 'prompt_too_long' || /prompt is too long/iu.test(facts.text)) {
    return new OcpError('context_length_exceeded', text === '' ? 'Prompt is too long' : text);
  }
  if (/not logged in|please run \/login/iu.test(facts.text)) {
    return loginFailure('The Claude CLI is not logged in.', DEFAULT_PROFILE);
  }
  if (isPlanRefusal(facts)) return new OcpError('plan_use_refused', `${text} ${PLAN_HINT}`.trim());
  switch (facts.status) {
    case 400:
      return new OcpError('content_rejected', text === '' ? 'Anthropic refused the request as invalid.' : text);
    case 401:
      return loginFailure('Anthropic refused the login of the Claude CLI.', DEFAULT_PROFILE);
    case 403:
      return new OcpError('permission_denied', `Anthropic does not allow this request for the server's login. ${text}`);
    case 404:
      return new OcpError('model_not_found', "Anthropic does not offer this model to the server's login.");
    case 413:
      return new OcpError('body_too_large', 'The request is larger than Anthropic accepts.');
    case 429:
      return limitFailure(facts);
    case 529:
      return delayed('overloaded', 'Anthropic is overloaded. Try again in a moment.', facts);
    case null:
      return delayed('upstream_error', 'The connection to Anthropic failed.', facts);
    default:
      return delayed('upstream_error', `Anthropic answered with status ${facts.status}.`, facts);
  }
}

/** What an operator can do about it; OCP works around no such rule. */
const PLAN_HINT =
  'This is a decision of Anthropic about the use of a plan by other tools. ' +
  'The operator of OCP can enable usage credits for the account, or use a profile with an API key.';

/**
 * Anthropic's refusal to let third-party tools draw on a plan. No rule for it is published: it is known by what it speaks of,
 * which is other tools and how they are paid for, or credits in place of the plan's limits.
 */
function isPlanRefusal({ status, text }: FailureFacts): boolean {
  if (status !== null && status !== 400 && status !== 402 && status !== 403) return false;
  const isOfOthers = /third[\s-]?part(?:y|ies)|external (?:app|tool|client)|unofficial (?:app|tool|client)/iu.test(
    text,
  );
  const isOfCredits = /(?:extra|additional) usage|usage[\s-]credits?/iu.test(text);
  const isOfPlan = /\bplans?\b|subscriptions?|\bpaid\b|billing/iu.test(text);
  return (isOfOthers && (isOfCredits || isOfPlan)) || (isOfCredits && isOfPlan);
}

/** Failures that no repeat within a few seconds can mend. */
export function isFinal(line: ApiRetryLine): boolean {
  const status = line.error_status;
  return status !== null && status >= 400 && status < 500 && status !== 408 && status !== 409;
}

/** The refusal while a plan has nothing left. `resetsAt` is Unix time in seconds, `now` in ms. */
export function planLimitError(resetsAt: number, now: number): OcpError {
  const resets = new Date(resetsAt * 1000).toISOString();
  return new OcpError('plan_limit_reached', `The limit of the Claude plan is reached. It resets at ${resets}.`, {
    retryAfterSeconds: Math.max(1, Math.ceil(resetsAt - now / 1000)),
  });
}

function limitFailure(facts: FailureFacts): OcpError {
  const { plan, now } = facts;
  if (plan?.status === 'rejected' && plan.resetsAt !== undefined) return planLimitError(plan.resetsAt, now);
  const message = 'Anthropic limits the rate of requests. Try again later.';
  if (facts.retryDelayMs !== undefined) return delayed('rate_limit_exceeded', message, facts);
  return new OcpError('rate_limit_exceeded', message, { retryAfterSeconds: LONGEST_TOLD_SECONDS });
}

/**
 * The CLI adds up to a quarter to the wait that the API asks for. The API names whole seconds, so that a whole second is never
 * too early, and seldom later than it must be.
 */
function delayed(code: ErrorCode, message: string, facts: FailureFacts): OcpError {
  const seconds = Math.floor((facts.retryDelayMs ?? 0) / 1000);
  return new OcpError(code, message, { retryAfterSeconds: Math.max(1, seconds) });
}

/** The API's own words without the CLI's frame around them, and without anything about this machine. */
function clientText(text: string): string {
  return withoutPaths(text)
    .replace(/^(?:Failed to authenticate\. )?(?:API Error: )?(?:\d{3} )?/u, '')
    .trim();
}

/**
 * Whether the API refused a request for thinking blocks of its history: they are bound to the account, the model and all that
 * stood before them, and a client cannot mend that. Source: Anthropic documentation, "Extended thinking" and "Preserved
 * thinking".
 */
export function isThinkingRefusal(error: unknown): boolean {
  return (
    error instanceof OcpError &&
    error.code === 'content_rejected' &&
    /thinking/iu.test(error.message) &&
    /signature|bound to|cannot be modified|must remain as they were/iu.test(error.message)
  );
}

/** Whether the API misses the thinking before a call of a tool that goes on: then it must be switched off for this answer. */
export function isThinkingMissing(error: unknown): boolean {
  return (
    error instanceof OcpError &&
    error.code === 'content_rejected' &&
    /expected `?(?:thinking|redacted_thinking)/iu.test(error.message)
  );
}
