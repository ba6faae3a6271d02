import type { JsonObject } from '../json.ts';
import type { Tool } from './request.ts';

const path = { type: 'string', description: 'Absolute path of the file or directory.' } as const;

const editing = {
  path,
  file_text: { type: 'string', description: 'The whole content, for create.' },
  old_str: { type: 'string', description: 'The text to replace, for str_replace; it must occur exactly once.' },
  new_str: { type: 'string', description: 'The text to put in its place, for str_replace.' },
  insert_line: { type: 'integer', description: 'The line after which to insert, 0 for the beginning; for insert.' },
  view_range: {
    type: 'array',
    items: { type: 'integer' },
    description: 'First and last line to show (-1 = to the end), for view of a file.',
  },
} as const;

/**
 * Tools that Anthropic defines and the client runs: such a tool is offered by its name alone, so it gets here the
 * parameters that the API reference publishes for it. Contract: Anthropic API reference, "Bash tool", "Text editor tool",
 * "Memory tool". Undefined for every other type.
 */
export function definedTool(type: string, name: string): Tool | undefined {
  const [kind] = /^[a-z_]+(?=_\d{8}$)/.exec(type) ?? [];
  switch (kind) {
    case 'bash':
      return { name, description: 'Runs commands in a persistent bash session.', input_schema: bash };
    case 'text_editor':
      return { name, description: 'Views, creates and edits text files.', input_schema: textEditor(type) };
    case 'memory':
      return { name, description: 'Keeps notes in files under /memories across conversations.', input_schema: memory };
    default:
      return undefined;
  }
}

/** Tools that the client runs but that only the API itself can describe to the model: they need its own training format. */
export function isUndescribable(type: string): boolean {
  return /^(computer|browser)_/.test(type);
}

const bash: JsonObject = {
  type: 'object',
  properties: {
    command: { type: 'string', description: 'The command to run. Required unless the session is restarted.' },
    restart: { type: 'boolean', description: 'True restarts the session.' },
  },
};

/** Until 2025-01-24 the editor could undo, and inserted `new_str`; later ones insert `insert_text`. */
function textEditor(type: string): JsonObject {
  const old = type <= 'text_editor_20250124';
  const commands = ['view', 'create', 'str_replace', 'insert', ...(old ? ['undo_edit'] : [])];
  const inserted = { type: 'string', description: 'The text to insert, for insert.' };
  return {
    type: 'object',
    properties: { command: command(commands), ...editing, ...(old ? {} : { insert_text: inserted }) },
    required: ['command', 'path'],
  };
}

const memory: JsonObject = {
  type: 'object',
  properties: {
    command: command(['view', 'create', 'str_replace', 'insert', 'delete', 'rename']),
    ...editing,
    insert_text: { type: 'string', description: 'The text to insert, for insert.' },
    old_path: { type: 'string', description: 'The present path, for rename.' },
    new_path: { type: 'string', description: 'The new path, for rename.' },
  },
  required: ['command'],
};

function command(commands: readonly string[]): JsonObject {
  return { type: 'string', enum: commands };
}
