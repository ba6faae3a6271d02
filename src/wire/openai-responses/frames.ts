/** Writes the server-sent events of one response and numbers them. Contract: OpenAI API reference, Streaming events. */
export class FrameWriter {
  #sequenceNumber = 0;

  /** One event. */
  event(type: string, fields: Readonly<Record<string, unknown>>): string {
    return this.#frame(type, JSON.stringify(fields).slice(1));
  }

  /** An event whose `response` is JSON text already. */
  lifecycle(type: string, responseJson: string): string {
    return this.#frame(type, `"response":${responseJson}}`);
  }

  /** A writer of many delta events that differ in their text alone: everything else is made once. */
  deltas(type: string, fields: Readonly<Record<string, unknown>>): (delta: string) => string {
    const head = `event: ${type}\ndata: ${JSON.stringify({ type, ...fields }).slice(0, -1)},"sequence_number":`;
    return (delta) => `${head}${this.#sequenceNumber++},"delta":${JSON.stringify(delta)}}\n\n`;
  }

  #frame(type: string, rest: string): string {
    return `event: ${type}\ndata: {"type":"${type}","sequence_number":${this.#sequenceNumber++},${rest}\n\n`;
  }
}
