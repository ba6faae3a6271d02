import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { LanguageModel, ModelMessage } from 'ai';
import { isStepCount, streamText, tool } from 'ai';
import { readPrompt, repeatPrompt } from './support/prompts.ts';
import { ended, readCall, readFile, readTool } from './support/read-tool.ts';
import type { Surface } from './support/trial.ts';
import { clientTest } from './support/trial.ts';
import { playTwoTurns } from './support/turns.ts';

type NewModel = (baseURL: string) => LanguageModel;

const apiKey = 'none';
const id = 'claude-sonnet-5-5';
const providers: readonly (readonly [Surface, string, NewModel])[] = [
  [
    'openai-chat',
    '@ai-sdk/openai-compatible',
    (baseURL) => createOpenAICompatible({ name: 'ocp', baseURL, apiKey, includeUsage: true })(id),
  ],
  ['openai-responses', '@ai-sdk/openai', (baseURL) => createOpenAI({ baseURL, apiKey })(id)],
  ['anthropic-messages', '@ai-sdk/anthropic', (baseURL) => createAnthropic({ baseURL, apiKey })(id)],
];

for (const [surface, packageName, newModel] of providers) {
  const asked = '`streamText` with a tool, then with the messages so far';
  clientTest({ client: `AI SDK, ${packageName}`, packageName: 'ai', surface, asked }, async (trial) => {
    const model = newModel(`${trial.ocp.url}/v1`);
    const { description, parameters } = readTool;
    const execute = ({ path }: { readonly path: string }): string => readFile(trial, path);
    const tools = { [readTool.name]: tool({ description, inputSchema: parameters, execute }) };
    const messages: ModelMessage[] = [];
    const ask = async (content: string) => {
      messages.push({ role: 'user', content });
      const stream = streamText({ model, tools, messages, stopWhen: isStepCount(3), maxRetries: 0 });
      let text = '';
      for await (const piece of stream.textStream) text += piece;
      messages.push(...(await stream.responseMessages));
      return ended(text);
    };
    await playTwoTurns(trial, {
      call: readCall,
      first: async () => ask(readPrompt),
      second: async () => ask(repeatPrompt),
    });
  });
}
