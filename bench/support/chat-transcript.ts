/** A message of Chat Completions as a client keeps it. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string | null;
  readonly tool_calls?: readonly ChatToolCall[];
  readonly tool_call_id?: string;
}

export interface ChatToolCall {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
}

interface ChatChunk {
  readonly choices?: readonly [{ readonly delta?: ChatDelta }];
}

interface ChatDelta {
  readonly content?: string | null;
  readonly tool_calls?: readonly {
    readonly index: number;
    readonly id?: string;
    readonly function?: { readonly name?: string; readonly arguments?: string };
  }[];
}

/** The assistant's message that the chunks of a stream add up to. */
export function assembledMessage(chunks: readonly unknown[]): ChatMessage {
  let content = '';
  const calls: { id: string; name: string; arguments: string }[] = [];
  for (const chunk of chunks) {
    const delta = (chunk as ChatChunk).choices?.[0]?.delta;
    content += delta?.content ?? '';
    for (const piece of delta?.tool_calls ?? []) {
      const call = (calls[piece.index] ??= { id: '', name: '', arguments: '' });
      call.id += piece.id ?? '';
      call.name += piece.function?.name ?? '';
      call.arguments += piece.function?.arguments ?? '';
    }
  }
  if (calls.length === 0) return { role: 'assistant', content };
  return {
    role: 'assistant',
    content: content === '' ? null : content,
    tool_calls: calls.map(({ id, name, arguments: json }) => ({
      id,
      type: 'function',
      function: { name, arguments: json },
    })),
  };
}

/** The conversation as one text, as bridges without a native history send it. */
export function flattened(messages: readonly ChatMessage[]): string {
  return messages
    .filter(({ role }) => role !== 'system')
    .map(({ role, content, tool_calls: calls }) => {
      const made = (calls ?? []).map((call) => `calls ${call.function.name}(${call.function.arguments})`);
      return `[${role}] ${[content ?? '', ...made].join(' ').trim()}`;
    })
    .join('\n\n');
}
