import type { JsonObject } from '../json.ts';
import type { BlockWriter } from './block-writer.ts';
import type { TapPath } from './json-tap.ts';
import { JsonTap } from './json-tap.ts';
import { portableSchema } from './portable-schema.ts';
import type { Tool, ToolChoice } from './request.ts';
import { SchemaAllowance } from './schema-allowance.ts';
import { asToolCall, toolCallSchema } from './structured-output.ts';
import type { CallRewriter, StructuredFilter, StructuredOptions } from './structured-turn.ts';
import { StructuredTurn } from './structured-turn.ts';

/**
 * The CLI knows no `tool_choice`, so a call that the client forces is asked for as structured output and turned back into
 * a call of the client's tool. One possible tool: its own parameters are the schema. Several: an object that names the
 * tool and holds its input, or a list of such objects where parallel calls are allowed.
 */
export type ForcedChoice = Extract<ToolChoice, { readonly type: 'any' | 'tool' }>;

/**
 * The schema to give the CLI (`jsonSchema` of its `initialize`) for a forced call. `tools` are the client's; a choice of
 * one tool must name one of them.
 */
export function forcedCallSchema(
  tools: readonly Tool[],
  choice: ForcedChoice,
  parallel: boolean,
  allowance = new SchemaAllowance(),
): JsonObject {
  const possible = candidates(tools, choice);
  const [first] = possible;
  if (first !== undefined && possible.length === 1) return toolCallSchema(first, allowance);
  const member = parallel ? 'calls' : 'call';
  const place = parallel ? '#/properties/calls/items' : '#/properties/call';
  const call = { anyOf: possible.map((tool, index) => callOf(tool, `${place}/anyOf/${index}`, allowance)) };
  return {
    type: 'object',
    properties: { [member]: parallel ? { type: 'array', minItems: 1, items: call } : call },
    required: [member],
    additionalProperties: false,
  };
}

/** Turns the answer by `forcedCallSchema` of the same arguments back into calls of the client's tools. */
export function asForcedCalls(
  tools: readonly Tool[],
  choice: ForcedChoice,
  parallel: boolean,
  options: StructuredOptions = {},
): StructuredFilter {
  const [first, ...others] = candidates(tools, choice);
  if (first !== undefined && others.length === 0) return asToolCall(first, { ...options, parallel });
  return new StructuredTurn(new NamedCalls(parallel), options);
}

function candidates(tools: readonly Tool[], choice: ForcedChoice): readonly Tool[] {
  return choice.type === 'any' ? tools : tools.filter(({ name }) => name === choice.name);
}

/** The name comes first, so that the input can be passed on while it is written. */
function callOf({ name, description, input_schema }: Tool, place: string, allowance: SchemaAllowance): JsonObject {
  allowance.spend(name.length + (description ?? '').length);
  return {
    type: 'object',
    ...(description === undefined ? {} : { description }),
    properties: { name: { const: name }, input: portableSchema(input_schema, `${place}/properties/input`, allowance) },
    required: ['name', 'input'],
    additionalProperties: false,
  };
}

/** Reads `{call:{name,input}}` or `{calls:[{name,input}…]}` and writes each as a call of its own. */
class NamedCalls implements CallRewriter {
  readonly stopReason = 'tool_use';
  readonly #callPath: TapPath;
  readonly #parallel: boolean;
  #tap = new JsonTap(this.#visitor());
  #out: BlockWriter | undefined;
  #id = '';
  /** Calls of this answer so far, over all its `StructuredOutput` blocks. */
  #count = 0;
  #reading: 'name' | 'input' | undefined;
  #name = '';
  #opened = false;
  /** Input that came before the name. */
  #early = '';

  constructor(parallel: boolean) {
    this.#parallel = parallel;
    this.#callPath = parallel ? ['calls', '*'] : ['call'];
  }

  begin(id: string, ordinal: number, out: BlockWriter): boolean {
    if (ordinal > 0 && !this.#parallel) return false;
    this.#out = out;
    this.#id = id;
    if (ordinal === 0) this.#count = 0;
    this.#tap = new JsonTap(this.#visitor());
    this.#startCall();
    return true;
  }

  json(piece: string): void {
    this.#tap.feed(piece);
  }

  /** A call that was cut off in its middle is closed as it is. */
  end(): void {
    if (this.#opened) this.#endCall();
  }

  #visitor() {
    return {
      begin: (path: TapPath) => this.#begins(path),
      piece: (text: string) => this.#piece(text),
      end: () => this.#ends(),
      close: (path: TapPath) => {
        if (isAt(path, this.#callPath)) this.#endCall();
      },
    };
  }

  #startCall(): void {
    this.#reading = undefined;
    this.#name = '';
    this.#early = '';
    this.#opened = false;
  }

  #begins(path: TapPath): boolean {
    const member = path.at(-1);
    const isMember = path.length === this.#callPath.length + 1 && isAt(path.slice(0, -1), this.#callPath);
    this.#reading = isMember && (member === 'name' || member === 'input') ? member : undefined;
    return this.#reading !== undefined;
  }

  #piece(text: string): void {
    if (this.#reading === 'name') this.#name += text;
    else if (this.#opened) this.#writeInput(text);
    else this.#early += text;
  }

  #writeInput(text: string): void {
    if (text !== '') this.#out?.add({ type: 'input_json_delta', partial_json: text });
  }

  #ends(): void {
    if (this.#reading !== 'name' || this.#opened) return;
    const id = this.#count === 0 ? this.#id : `${this.#id}n${this.#count + 1}`;
    this.#count += 1;
    this.#opened = true;
    this.#out?.open({ type: 'tool_use', id, name: stringOf(this.#name), input: {} });
    this.#writeInput(this.#early);
  }

  #endCall(): void {
    if (this.#opened) this.#out?.close();
    this.#startCall();
  }
}

function isAt(path: TapPath, place: TapPath): boolean {
  return path.length === place.length && path.every((key, index) => key === place[index]);
}

function stringOf(json: string): string {
  try {
    return String(JSON.parse(json));
  } catch {
    return json;
  }
}
