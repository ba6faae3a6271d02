import type { WireObject } from '../json.ts';
import { contentBlocks, isObject, objectsOf } from '../json.ts';
import type { Refuse, Rule } from './rule.ts';

const roles: readonly unknown[] = ['user', 'assistant', 'system'];
const reference = 'API reference, Messages: messages';

/** The block types that each role may send. Server tools' blocks are passed on by nobody here. */
const blockTypes: Readonly<Record<string, readonly string[]>> = {
  user: ['text', 'image', 'document', 'search_result', 'tool_result', 'container_upload'],
  assistant: ['text', 'thinking', 'redacted_thinking', 'tool_use'],
  system: ['text'],
};

/** Rules about roles, content and its texts. */
export const messageRules: readonly Rule[] = [
  {
    name: 'messages-list',
    source: reference,
    check: ({ messages }, refuse) => {
      if (messages === undefined) refuse('messages: Field required');
      if (!Array.isArray(messages)) refuse('messages: Input should be a valid list');
      if ((messages as unknown[]).length === 0) refuse('messages: at least one message is required');
    },
  },
  {
    name: 'messages-shape',
    source: reference,
    check: ({ messages }, refuse) => {
      for (const [at, message] of (messages as unknown[]).entries()) checkMessage(message, `messages.${at}`, refuse);
    },
  },
  {
    name: 'first-message',
    source: reference,
    check: ({ messages }, refuse) => {
      if (objectsOf(messages)[0]?.['role'] !== 'user') refuse('messages: first message must use the "user" role');
    },
  },
  {
    name: 'blank-text',
    source: 'API reference, Errors: invalid_request_error; Messages: text blocks',
    check: ({ messages }, refuse) => {
      for (const message of objectsOf(messages)) {
        const blocks = contentBlocks(message['content']);
        for (const block of blocks) {
          if (block['type'] === 'text') checkText(block['text'], refuse);
          for (const part of block['type'] === 'tool_result' ? objectsOf(block['content']) : []) {
            if (part['type'] === 'text' && part['text'] === '') {
              refuse('messages: text content blocks must be non-empty');
            }
          }
        }
      }
    },
  },
  {
    name: 'thinking-last',
    source: 'Extended thinking: Preserving thinking blocks',
    check: ({ messages }, refuse) => {
      for (const [at, message] of objectsOf(messages).entries()) {
        const last = contentBlocks(message['content']).at(-1);
        if (message['role'] !== 'assistant' || !String(last?.['type']).endsWith('thinking')) continue;
        refuse(`messages.${at}: The final block in an assistant message cannot be \`${String(last?.['type'])}\`.`);
      }
    },
  },
  {
    name: 'prefill',
    source: "Prefill Claude's response: Supported models",
    check: ({ messages, thinking }, refuse, { takesPrefill }) => {
      const last = objectsOf(messages).at(-1);
      if (last?.['role'] !== 'assistant') return;
      const isThinking = isObject(thinking) && thinking['type'] !== 'disabled';
      if (!takesPrefill || isThinking) {
        refuse('This model does not support assistant message prefill. The conversation must end with a user message.');
      }
      const text = contentBlocks(last['content']).at(-1)?.['text'];
      if (typeof text === 'string' && text !== text.trimEnd()) {
        refuse('messages: final assistant content cannot end with trailing whitespace');
      }
    },
  },
];

function checkMessage(message: unknown, place: string, refuse: Refuse): void {
  if (!isObject(message)) return refuse(`${place}: Input should be a valid dictionary`);
  const { role, content } = message;
  if (!roles.includes(role)) refuse(`${place}.role: Input should be 'user', 'assistant' or 'system'`);
  if (content === undefined) refuse(`${place}.content: Field required`);
  if (typeof content !== 'string' && !Array.isArray(content)) {
    return refuse(`${place}.content: Input should be a valid string or list`);
  }
  if (content.length === 0) refuse(`${place}: all messages must have non-empty content`);
  if (typeof content === 'string') return;
  for (const [index, block] of (content as unknown[]).entries()) {
    if (isObject(block)) checkBlock(block, String(role), `${place}.content.${index}`, refuse);
    else refuse(`${place}.content.${index}: Input should be a valid dictionary`);
  }
}

function checkBlock(block: WireObject, role: string, place: string, refuse: Refuse): void {
  const { type } = block;
  if (typeof type !== 'string') return refuse(`${place}.type: Field required`);
  if (!(blockTypes[role] ?? []).includes(type)) {
    refuse(`${place}: Input tag '${type}' found using 'type' does not match any of the expected tags`);
  }
  if (type === 'text' && typeof block['text'] !== 'string') refuse(`${place}.text.text: Field required`);
  if (type === 'thinking' && typeof block['signature'] !== 'string') {
    refuse(`${place}.thinking.signature: Field required`);
  }
  const control = block['cache_control'];
  if (!isObject(control)) return;
  if (type === 'text' && block['text'] === '')
    refuse(`${place}.text: cache_control cannot be set for empty text blocks`);
  if (type.endsWith('thinking')) refuse(`${place}.${type}.cache_control: Extra inputs are not permitted`);
}

function checkText(text: unknown, refuse: Refuse): void {
  if (text === '') refuse('messages: text content blocks must be non-empty');
  if (String(text).trim() === '') refuse('messages: text content blocks must contain non-whitespace text');
}
