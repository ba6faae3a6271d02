import { readFileSync } from 'node:fs';
import { controlResponse, Messages } from './messages.ts';
import { Output } from './output.ts';

interface InputLine {
  readonly type: string;
  readonly request_id?: string;
  readonly request?: { readonly subtype?: string };
  readonly shouldQuery?: boolean;
}

interface Entry {
  readonly to?: InputLine;
  readonly from?: Readonly<Record<string, unknown>>;
}

/**
 * Plays a recorded transcript of the real CLI (alignment/transcripts): for each line that comes, what the CLI said after
 * the next recorded line of the same kind. What was not recorded is answered with the least that a CLI would say.
 */
export class Replay {
  readonly #entries: readonly Entry[];
  readonly #version: string;
  #at = 0;

  constructor(file: string, version: string) {
    this.#entries = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Entry);
    this.#version = version;
  }

  onLine(text: string): void {
    const line = JSON.parse(text) as InputLine;
    const found = this.#entries.findIndex((entry, at) => at >= this.#at && kindOf(entry.to) === kindOf(line));
    if (found === -1) {
      this.#answerUnrecorded(line);
      return;
    }
    this.#at = found + 1;
    const recordedId = this.#entries[found]?.to?.request_id;
    for (let entry = this.#entries[this.#at]; entry?.from !== undefined; entry = this.#entries[this.#at]) {
      Output.line(withId(entry.from, recordedId, line.request_id));
      this.#at += 1;
    }
  }

  #answerUnrecorded({ type, request, request_id: id = '', shouldQuery }: InputLine): void {
    if (type === 'user' && shouldQuery === false) Output.line(new Messages('').result(0, 0));
    if (type !== 'control_request') return;
    const answers: Readonly<Record<string, object>> = {
      get_binary_version: { version: this.#version },
      list_models: { models: [] },
    };
    Output.line(controlResponse(id, answers[request?.subtype ?? ''] ?? {}));
  }
}

function kindOf(line: InputLine | undefined): string {
  return `${line?.type ?? ''} ${line?.request?.subtype ?? ''} ${line?.shouldQuery === false ? 'past' : ''}`;
}

/** The answer to a question carries the id of the question that was asked now. */
function withId(
  line: Readonly<Record<string, unknown>>,
  recorded: string | undefined,
  now: string | undefined,
): object {
  if (line['type'] !== 'control_response' || recorded === undefined || now === undefined) return line;
  return JSON.parse(JSON.stringify(line).replaceAll(JSON.stringify(recorded), JSON.stringify(now))) as object;
}
