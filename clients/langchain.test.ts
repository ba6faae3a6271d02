import { ChatAnthropic } from '@langchain/anthropic';
import { ChatOpenAI } from '@langchain/openai';
import type { BaseMessage } from 'langchain';
import { createAgent, HumanMessage, tool } from 'langchain';
import { readPrompt, repeatPrompt } from './support/prompts.ts';
import { ended, readCall, readFile, readTool } from './support/read-tool.ts';
import type { Surface } from './support/trial.ts';
import { clientTest } from './support/trial.ts';
import { playTwoTurns } from './support/turns.ts';

type NewModel = (url: string) => Parameters<typeof createAgent>[0]['model'];

const apiKey = 'none';
const model = 'claude-sonnet-5-5';
const surfaces: readonly (readonly [Surface, string, NewModel])[] = [
  [
    'openai-chat',
    '@langchain/openai',
    (url) => new ChatOpenAI({ model, apiKey, configuration: { baseURL: `${url}/v1` } }),
  ],
  [
    'openai-responses',
    '@langchain/openai',
    (url) => new ChatOpenAI({ model, apiKey, useResponsesApi: true, configuration: { baseURL: `${url}/v1` } }),
  ],
  ['anthropic-messages', '@langchain/anthropic', (url) => new ChatAnthropic({ model, apiKey, anthropicApiUrl: url })],
];

for (const [surface, packageName, newModel] of surfaces) {
  const asked = '`createAgent` with a tool, then with the messages so far';
  clientTest({ client: `LangChain.js, ${packageName}`, packageName: 'langchain', surface, asked }, async (trial) => {
    const { name, description, parameters: schema } = readTool;
    const read = tool(({ path }: { readonly path: string }) => readFile(trial, path), { name, description, schema });
    const agent = createAgent({ model: newModel(trial.ocp.url), tools: [read] });
    let messages: BaseMessage[] = [];
    const ask = async (content: string) => {
      ({ messages } = await agent.invoke({ messages: [...messages, new HumanMessage(content)] }));
      return ended(messages.at(-1)?.text ?? '');
    };
    await playTwoTurns(trial, {
      call: readCall,
      first: async () => ask(readPrompt),
      second: async () => ask(repeatPrompt),
    });
  });
}
