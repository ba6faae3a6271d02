import { errorCatalogue } from '../../src/wire/errors.ts';

/** Files of src/claude that do not speak to the CLI, and what their names are of instead. */
export const otherFiles: Readonly<Record<string, string>> = {
  'cli-names.ts': 'the list of names itself',
  'models.ts': 'models.json',
  'model-list.ts': 'the answers of OCP’s own model endpoints; held by types of @anthropic-ai/sdk and openai',
  'binary.ts': 'package.json of the CLI’s package',
  'process-start.ts': 'the program ps',
  'reaper.ts': 'the program sh',
  'stream-events.ts': 'events of the Messages API; held by types of @anthropic-ai/sdk (test/wire/anthropic/twins.ts)',
};

/** Names in the other files that are not the CLI's, and whose they are. */
export const otherNames: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.keys(errorCatalogue).map((code) => [code, 'an error of OCP’s catalogue'])),
  ...Object.fromEntries(
    [
      'tool_result',
      'tool_use',
      'end_turn',
      'stop_sequence',
      'pause_turn',
      'content_block_delta',
      'content_block_start',
      'content_block_stop',
      'message_start',
      'message_delta',
      'message_stop',
      'text_delta',
      'input_json_delta',
      'redacted_thinking',
    ].map((name) => [name, 'the Messages API; held by types of @anthropic-ai/sdk (test/wire/anthropic/twins.ts)']),
  ),
  go_on: 'a step of a turn (NextStep)',
  storedAt: 'a member of the file in which OCP keeps a login (stored-login.ts)',
  ocp: 'the name of the MCP server that a client’s tools make (setup.ts)',
  response_format: 'a parameter of the OpenAI API, named in an error',
};
