import { OcpError } from '../wire/errors.ts';

/** A request from its beginning to its end. */
export interface OpenRequest {
  /** Aborted with the OcpError of whatever ends the request early. */
  readonly signal: AbortSignal;
  /** To be called once, when it is over. */
  readonly end: () => void;
}

/** What runs or waits, so that it can be ended: by its client, its time, its key, or the end of OCP. */
export class OpenRequests {
  readonly #timeoutMs: () => number;
  /** With the owner of each. */
  readonly #open = new Map<AbortController, string>();
  #idle: (() => void) | undefined;

  /** `timeoutMs` is the most time of one request, its wait included; read anew each time. */
  constructor(timeoutMs: () => number) {
    this.#timeoutMs = timeoutMs;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Begins a request; `signal` is aborted when its client hangs up. */
  begin({ owner, signal: clientSignal }: { readonly owner: string; readonly signal: AbortSignal }): OpenRequest {
    const controller = new AbortController();
    const timer = setTimeout(() => {
      controller.abort(new OcpError('timeout', 'The answer took longer than CLAUDE_TIMEOUT allows.'));
    }, this.#timeoutMs());
    const hangUp = (): void => controller.abort(new OcpError('client_closed', 'The client hung up.'));
    clientSignal.addEventListener('abort', hangUp, { once: true });
    if (clientSignal.aborted) hangUp();
    this.#open.set(controller, owner);
    const end = (): void => {
      clearTimeout(timer);
      clientSignal.removeEventListener('abort', hangUp);
      this.#open.delete(controller);
      if (this.#open.size === 0) this.#idle?.();
    };
    return { signal: controller.signal, end };
  }

  /** Ends those whose owner matches with this error; tells how many they were. */
  endWhere(test: (owner: string) => boolean, error: OcpError): number {
    const ended = [...this.#open].filter(([, owner]) => test(owner));
    for (const [controller] of ended) controller.abort(error);
    return ended.length;
  }

  /** Resolves when none is left: they may finish until the signal is aborted, then they end with `shutting_down`. */
  async drain(deadline: AbortSignal): Promise<void> {
    if (this.#open.size === 0) return;
    const idle = new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
    const cut = (): void => void this.endWhere(() => true, new OcpError('shutting_down', 'OCP is stopping.'));
    deadline.addEventListener('abort', cut, { once: true });
    if (deadline.aborted) cut();
    await idle;
    deadline.removeEventListener('abort', cut);
  }
}
