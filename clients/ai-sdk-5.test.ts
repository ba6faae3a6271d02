import { createAnthropic } from 'ai-5-anthropic';
import { createOpenAI } from 'ai-5-openai';
import { createOpenAICompatible } from 'ai-5-openai-compatible';
import type { LanguageModel, ModelMessage } from 'ai-5';
import { stepCountIs, streamText, tool } from 'ai-5';
import { aiSdkTests } from './support/ai-sdk.ts';
import { readTool } from './support/read-tool.ts';

const apiKey = 'none';
const id = 'claude-sonnet-5-5';

aiSdkTests<LanguageModel, ModelMessage>({
  major: 5,
  packageName: 'ai-5',
  models: {
    'openai-chat': (baseURL) => createOpenAICompatible({ name: 'ocp', baseURL, apiKey, includeUsage: true })(id),
    'openai-responses': (baseURL) => createOpenAI({ baseURL, apiKey })(id),
    'anthropic-messages': (baseURL) => createAnthropic({ baseURL, apiKey })(id),
  },
  stream: async (model, messages, execute) => {
    const { description, parameters } = readTool;
    const tools = { [readTool.name]: tool({ description, inputSchema: parameters, execute }) };
    const stream = streamText({ model, tools, messages, stopWhen: stepCountIs(3), maxRetries: 0 });
    let text = '';
    for await (const piece of stream.textStream) text += piece;
    return { text, said: (await stream.response).messages };
  },
});
