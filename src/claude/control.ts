import type { ControlQuestion, ControlSubtype } from './cli-names.ts';
import type { JsonPieces } from './packed/messages.ts';
import type { ControlResponseLine } from './protocol.ts';

/** The CLI refused a control request, or ended before it answered. */
export class ControlError extends Error {
  constructor(subtype: string, reason: string) {
    super(`the CLI did not accept ${subtype}: ${reason}`);
    this.name = 'ControlError';
  }
}

interface PendingRequest {
  readonly subtype: string;
  readonly resolve: (response: Readonly<Record<string, unknown>>) => void;
  readonly reject: (error: Error) => void;
}

/** OCP's questions to the CLI and their answers. Contract: `SDKControlRequest` / `SDKControlResponse`. */
export class ControlChannel {
  readonly #write: (line: JsonPieces) => void;
  readonly #pending = new Map<string, PendingRequest>();
  #count = 0;
  #closed: string | undefined;

  constructor(write: (line: JsonPieces) => void) {
    this.#write = write;
  }

  /** Whether an answer is still to come. */
  get isWaiting(): boolean {
    return this.#pending.size > 0;
  }

  /** Asks and waits for the answer. Rejects with {@link ControlError}. */
  async request(request: ControlQuestion): Promise<Readonly<Record<string, unknown>>> {
    return this.requestInPieces(request.subtype, [JSON.stringify(request)]);
  }

  /** The same for a question that is JSON already. */
  async requestInPieces(subtype: ControlSubtype, request: JsonPieces): Promise<Readonly<Record<string, unknown>>> {
    if (this.#closed !== undefined) throw new ControlError(subtype, this.#closed);
    this.#count += 1;
    const requestId = `ocp-${this.#count}`;
    const answer = new Promise<Readonly<Record<string, unknown>>>((resolve, reject) => {
      this.#pending.set(requestId, { subtype, resolve, reject });
    });
    this.#write([`{"type":"control_request","request_id":"${requestId}","request":`, ...request, '}']);
    return answer;
  }

  /** Answers a question of the CLI with this JSON. */
  reply(requestId: string, response: JsonPieces): void {
    const id = JSON.stringify(requestId);
    this.#write([
      `{"type":"control_response","response":{"subtype":"success","request_id":${id},"response":`,
      ...response,
      '}}',
    ]);
  }

  /** Refuses a question of the CLI that OCP does not know. */
  refuse(requestId: string, error: string): void {
    const response = { subtype: 'error', request_id: requestId, error };
    this.#write([JSON.stringify({ type: 'control_response', response })]);
  }

  onResponse(line: ControlResponseLine): void {
    const pending = this.#pending.get(line.response.request_id);
    if (pending === undefined) return;
    this.#pending.delete(line.response.request_id);
    if (line.response.subtype === 'success') pending.resolve(line.response.response ?? {});
    else pending.reject(new ControlError(pending.subtype, line.response.error ?? line.response.subtype));
  }

  /** Rejects everything that is still waiting, and all that is asked later. */
  close(reason: string): void {
    this.#closed = reason;
    for (const pending of this.#pending.values()) pending.reject(new ControlError(pending.subtype, reason));
    this.#pending.clear();
  }
}
