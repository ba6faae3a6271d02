import { Agent } from '@mastra/core/agent';
import { createTool } from '@mastra/core/tools';
import { createAnthropic } from 'ai-6-anthropic';
import { createOpenAI } from 'ai-6-openai';
import { readPrompt, repeatPrompt } from './support/prompts.ts';
import { ended, readCall, readFile, readTool } from './support/read-tool.ts';
import type { Surface } from './support/trial.ts';
import { clientTest } from './support/trial.ts';
import { playTwoTurns } from './support/turns.ts';

type Model = ConstructorParameters<typeof Agent>[0]['model'];

const apiKey = 'none';
const id = 'claude-sonnet-5-5';
const models: readonly (readonly [Surface, (url: string) => Model])[] = [
  ['openai-chat', (url) => ({ id: `ocp/${id}`, url, apiKey })],
  ['openai-responses', (baseURL) => createOpenAI({ baseURL, apiKey })(id)],
  ['anthropic-messages', (baseURL) => createAnthropic({ baseURL, apiKey })(id)],
];

for (const [surface, newModel] of models) {
  const asked = '`stream` of an agent with a tool, then with the messages so far';
  clientTest({ client: 'Mastra', packageName: '@mastra/core', surface, asked }, async (trial) => {
    const { name, description, parameters } = readTool;
    const read = createTool({
      id: name,
      description,
      inputSchema: parameters,
      execute: async ({ path }) => Promise.resolve(readFile(trial, path)),
    });
    const agent = new Agent({
      id: 'reader',
      name: 'Reader',
      instructions: 'You read files.',
      model: newModel(`${trial.ocp.url}/v1`),
      tools: { [name]: read },
    });
    let messages: Parameters<typeof agent.stream>[0] = [];
    const ask = async (content: string) => {
      const asking = [...(messages as { role: 'user'; content: string }[]), { role: 'user' as const, content }];
      const answer = await agent.stream(asking);
      const text = await answer.text;
      messages = [...asking, ...((await answer.response).messages ?? [])] as typeof messages;
      return ended(text);
    };
    await playTwoTurns(trial, {
      call: readCall,
      first: async () => ask(readPrompt),
      second: async () => ask(repeatPrompt),
    });
  });
}
