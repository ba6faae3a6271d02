import type { ErrorCode } from '../../wire/errors.ts';
import { OcpError, toOcpError } from '../../wire/errors.ts';
import type { NeededState } from '../../wire/openai-responses/state.ts';
import type { KeptTexts, Translated, TranslationInput } from './translate.ts';

/** What the thread is told: a body, or the kept items that it asked for. */
export type ToThread =
  | { readonly kind: 'body'; readonly bytes: Uint8Array; readonly input: TranslationInput }
  | { readonly kind: 'kept'; readonly kept: KeptTexts | undefined };

/** What the thread answers. */
export type FromThread =
  | { readonly kind: 'needs'; readonly needed: NeededState }
  | { readonly kind: 'done'; readonly translated: Translated }
  | { readonly kind: 'failed'; readonly error: PlainError };

/** An error that can be handed over. */
export interface PlainError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly param: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly extra: Readonly<Record<string, unknown>> | undefined;
  /** Where a fault of OCP comes from, for its log. */
  readonly trace: string | undefined;
}

export function plainError(raised: unknown): PlainError {
  const { code, message, param, retryAfterSeconds, extra } = toOcpError(raised);
  const isFault = code === 'internal_error' && raised instanceof Error;
  return { code, message, param, retryAfterSeconds, extra, trace: isFault ? raised.stack : undefined };
}

export function raisedError({ code, message, param, retryAfterSeconds, extra, trace }: PlainError): OcpError {
  return new OcpError(code, message, {
    ...(param === undefined ? {} : { param }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    ...(extra === undefined ? {} : { extra }),
    ...(trace === undefined ? {} : { cause: new Error(trace) }),
  });
}
