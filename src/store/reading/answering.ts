import { parentPort } from 'node:worker_threads';
import type { ErrorCode } from '../../wire/errors.ts';
import { OcpError } from '../../wire/errors.ts';

/** What a thread can be asked, by name. Arguments and answers can be cloned. */
export type Askable = Readonly<Record<string, (...args: never[]) => unknown>>;

/** A question as it comes, one at a time. */
export interface Asked {
  readonly name: string;
  readonly args: readonly unknown[];
}

/** Its answer, or the error that it ended in. */
export type Told =
  | { readonly answer: unknown }
  | {
      readonly error: {
        readonly message: string;
        readonly errcode: unknown;
        readonly code: ErrorCode | undefined;
        readonly param: string | undefined;
      };
    };

/** Lets this thread answer questions. The memory of bytes that are the answer, or a member of it, goes over uncopied. */
export function answerWith(questions: Askable): void {
  const known = questions as unknown as Readonly<Record<string, (...args: unknown[]) => unknown>>;
  parentPort?.on('message', ({ name, args }: Asked) => {
    const told = tell(known, name, args);
    parentPort?.postMessage(told, 'answer' in told ? memoryOf(told.answer) : []);
  });
}

function tell(
  questions: Readonly<Record<string, (...args: unknown[]) => unknown>>,
  name: string,
  args: readonly unknown[],
): Told {
  try {
    return { answer: questions[name]?.(...args) };
  } catch (error) {
    const { message, errcode } = error as { readonly message: string; readonly errcode?: unknown };
    const { code, param } = error instanceof OcpError ? error : { code: undefined, param: undefined };
    return { error: { message, errcode, code, param } };
  }
}

function memoryOf(answer: unknown): ArrayBuffer[] {
  const views = answer instanceof Uint8Array || Array.isArray(answer) ? [answer] : Object.values(answer ?? {});
  const own = views.flatMap((view: unknown) =>
    view instanceof Uint8Array && view.buffer instanceof ArrayBuffer && view.byteLength === view.buffer.byteLength
      ? [view.buffer]
      : [],
  );
  return [...new Set(own)];
}
