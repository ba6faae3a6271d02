import type { AssistantBlock } from '../../wire/anthropic/content.ts';
import type { Message, MessagesRequest, Tool } from '../../wire/anthropic/request.ts';
import type { JsonObject } from '../../wire/json.ts';
import { label } from '../../wire/name-list.ts';
import { nameForCli } from './alias.ts';
import { isClean } from './clean.ts';
import { alteredImages } from './images.ts';
import { combiningWords } from './schema-words.ts';
import { schemaForm } from './schema-form.ts';
import type { FormTables } from './tables.ts';
import { formTables, isEmptyTables } from './tables.ts';
import { inputForm } from './value-form.ts';

/** What the model calls otherwise than the client; plain data, so that it can be sent to another thread. */
export interface Inverse {
  /** The client's tools by the names that the model sees; only those of which something is called otherwise. */
  readonly tools: Readonly<Record<string, RestoredTool>>;
  /** Of the schema that the answer follows. */
  readonly output?: Restored;
}

export interface Restored {
  readonly schema: JsonObject;
  readonly tables: FormTables;
}

export interface RestoredTool extends Restored {
  /** The client's name. */
  readonly name: string;
}

/** A request as the CLI takes it unchanged. */
export interface CliForm {
  readonly request: MessagesRequest;
  readonly inverse: Inverse;
  /** What the CLI changes and nothing brings back, for `x-ocp-ignored`. */
  readonly ignored: readonly string[];
}

/**
 * Puts a request into words that go through the CLI unharmed. Pure, and the same for the same tools whatever else a request
 * says: a conversation keeps its names. What is done about each thing that the CLI changes stands in alterations.ts.
 */
export function toCliForm(request: MessagesRequest): CliForm {
  const ignored = new Set<string>();
  const forms = new Map(request.tools.map((tool) => [tool.name, toolForm(tool, ignored)]));
  const { toolChoice, outputSchema } = request;
  const output = outputSchema && { schema: outputSchema, tables: formTables(outputSchema, false) };
  for (const name of alteredImages(request.messages)) ignored.add(name);
  return {
    request: {
      ...request,
      messages: request.messages.map((message) => messageForm(message, forms)),
      tools: [...forms.values()].map(({ tool }) => tool),
      toolChoice: toolChoice.type === 'tool' ? { ...toolChoice, name: nameForCli(toolChoice.name) } : toolChoice,
      ...(output === undefined ? {} : { outputSchema: schemaForm(output.schema, output.tables, () => {}) }),
    },
    inverse: {
      tools: Object.fromEntries(
        [...forms.values()].flatMap(({ tool, restored }) =>
          tool.name === restored.name && isEmptyTables(restored.tables) ? [] : [[tool.name, restored]],
        ),
      ),
      ...(output === undefined || isEmptyTables(output.tables) ? {} : { output }),
    },
    ignored: [...ignored],
  };
}

interface ToolForm {
  readonly tool: Tool;
  readonly restored: RestoredTool;
}

function toolForm({ name, description, input_schema: schema }: Tool, ignored: Set<string>): ToolForm {
  const place = `tools.${label(name)}`;
  const tables = formTables(schema, true);
  if (description !== undefined && !isClean(description)) ignored.add(`${place}.description`);
  // The CLI makes one list of properties of them and forgets which belong together.
  for (const word of combiningWords) if (Object.hasOwn(schema, word)) ignored.add(`${place}.input_schema.${word}`);
  const form = schemaForm(schema, tables, (word) => ignored.add(`${place}.input_schema.${label(word)}`));
  return {
    tool: { name: nameForCli(name), ...(description === undefined ? {} : { description }), input_schema: form },
    restored: { name, schema, tables },
  };
}

function messageForm(message: Message, forms: ReadonlyMap<string, ToolForm>): Message {
  if (message.role === 'user' || message.content.every(({ type }) => type !== 'tool_use')) return message;
  const content = message.content.map((block): AssistantBlock => {
    if (block.type !== 'tool_use') return block;
    const restored = forms.get(block.name)?.restored;
    const input = restored === undefined ? block.input : inputForm(block.input, restored.schema, restored.tables);
    return { ...block, name: nameForCli(block.name), input };
  });
  return { role: 'assistant', content };
}
