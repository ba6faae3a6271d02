import { alterations } from '../../src/claude/form/alterations.ts';
import type { Row } from './row.ts';

function behaviour(name: string, use: string, source: Row['source'], ...tests: readonly string[]): Row {
  return { kind: 'behaviour', name, use, source, tests };
}

/** What the CLI does, beyond the names: where it would go on by itself, and what it leaves as it is. */
export const behaviourRows: readonly Row[] = [
  behaviour(
    'a worker waits',
    'a process can be started long before its first message, and calls nobody meanwhile',
    'observed',
    'starting: a worker that is told nothing calls nobody and leaves no session behind',
  ),
  behaviour(
    'unknown flags and questions are refused',
    'a CLI that does not know something says so',
    'observed',
    'starting: a flag that it does not know ends the CLI with an error',
    'starting: a question that the CLI does not know is refused by name',
  ),
  behaviour(
    'messages are repeated in lines that begin with their type',
    'OCP steps over them without parsing them',
    'observed',
    'an answer: repeats whole messages in lines that begin with their type',
  ),
  behaviour(
    'what a user sends reaches the API unchanged',
    'images, documents, text with paths and commands',
    { api: 'Messages: content blocks' },
    'an answer: images and documents of the user reach the API unchanged',
    'an answer: `client_composed` keeps paths and commands in a client’s text plain text',
  ),
  behaviour(
    'the stop reason comes before the end of the message',
    'OCP stops the CLI there after decisive ones (docs/adr/0004-kill-at-decisive-stops.md)',
    { api: 'Messages: streaming' },
    'an answer: a stop reason is reported before the message ends',
  ),
  behaviour(
    'a history is native',
    'roles, calls, results and thinking go to the API as blocks, in order',
    'observed',
    'a history: reaches the API in its own roles and order, each past user message answered by an empty result',
    'a history: keeps tool calls, their results, failures, and thinking as native blocks',
  ),
  behaviour(
    'one cache breakpoint is OCP’s',
    'it is kept, and there are never more than the API’s four',
    { api: 'Prompt caching' },
    'a history: keeps one breakpoint of ours, and has four in all at most',
  ),
  behaviour(
    'notes of the surroundings stay where a conversation began',
    'a replay is the same as what was said live, to the byte, and so is found in the prompt cache',
    'observed',
    'a history: whose first message was cut off by the limit is the same as one that was said live, and costs no call',
  ),
  behaviour(
    'an empty past message leaves nothing',
    'a worker can be taken through the beginning of a turn ahead',
    'observed',
    'a history: is known to a set-up that was taken through an empty message ahead, and nothing of that is left',
  ),
  behaviour(
    'a process holds one conversation',
    'the next turn needs only what is new',
    'observed',
    'a history: goes on in the same process: the next call repeats all before it',
  ),
  behaviour(
    '/clear empties a worker',
    'a new session with the same set-up, nothing of the old messages, its cost from nothing (docs/adr/0005-confirmed-reset.md)',
    { page: 'commands' },
    'a worker that is emptied: has a new session, and nothing of the old messages',
    'a worker that is emptied: keeps model, system prompt and tools',
    'a worker that is emptied: counts its cost from nothing again',
    'a worker that is emptied: is not emptied by the same words of a client',
  ),
  behaviour(
    'a boundary behind /clear',
    'the next request is the same, to the byte, as that of a new process: the command itself is not in it (docs/adr/0005-confirmed-reset.md)',
    'observed',
    'a worker that is emptied: keeps the command before the next message; a boundary behind it leaves nothing of it',
  ),
  behaviour(
    'reserved names',
    '`ToolSearch` and `StructuredOutput` vanish from a client’s tools; `Agent` is shown as `Task`',
    'observed',
    'tools of a client: of the two names that the CLI keeps for itself vanish, and its own names do not',
  ),
  // What it alters, and what OCP does about it.
  ...alterations.map(({ what, cli, test }) => behaviour(what, cli, 'observed', `what the CLI alters: ${test}`)),
  behaviour(
    'held tools cost nothing',
    'while a client has not answered there is no call of the API, also when the turn is ended',
    'observed',
    'tools of a client: are in time to be stopped: a held turn ends by an interrupt without a call of the API',
    'tools of a client: are given up when a result takes too long: the CLI says so, and asks before it goes on without it',
  ),
  behaviour(
    'StructuredOutput',
    'the tool by which the model gives JSON; it is missing when the CLI cannot hold the schema',
    { page: 'headless' },
    'structured output: is a call of the tool StructuredOutput with the schema, and its value comes with the result',
    'structured output: with a schema that the CLI cannot hold is missing from the tools',
  ),
  behaviour(
    'failures are no answers',
    'they come as messages of the model `<synthetic>` and in the result, never as events',
    'observed',
    'failures: a refused login, permission, model, size and content each keep their status',
    'failures: without a login the turn ends with words that say so',
  ),
  behaviour(
    'one login',
    'calls carry the login of the environment and no other',
    { page: 'iam' },
    'failures: the login of the environment goes along as it is, and the CLI sends no other',
  ),
  behaviour(
    'only Messages is called',
    'a worker makes the calls of its turns and no others',
    { page: 'data-usage' },
    'an answer: nobody but the Messages endpoint is called',
  ),
  behaviour(
    'tools of the CLI run where the operator allows them',
    'an allowed question runs, a denied one fails',
    { page: 'settings' },
    'tools of the CLI itself: run after all when the question is answered with allow',
  ),
  behaviour(
    'the lines of the protocol',
    'whole conversations, line by line, as they were recorded of each version (alignment/transcripts)',
    'observed',
    ...['answer', 'history', 'tools', 'structured', 'emptied', 'plan', 'failed', 'interrupted'].map(
      (name) => `transcripts: of '${name}' is what was recorded of this version`,
    ),
  ),
];
