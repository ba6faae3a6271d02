import type { AgentInputItem } from '@openai/agents';
import { Agent, OpenAIProvider, Runner, tool } from '@openai/agents';
import { readPrompt, repeatPrompt } from './support/prompts.ts';
import { ended, readCall, readFile, readTool } from './support/read-tool.ts';
import type { Surface } from './support/trial.ts';
import { clientTest } from './support/trial.ts';
import { playTwoTurns } from './support/turns.ts';

const surfaces: readonly Surface[] = ['openai-chat', 'openai-responses'];

for (const surface of surfaces) {
  const asked = '`run` of an agent with a tool, then of its history';
  clientTest({ client: 'OpenAI Agents SDK', packageName: '@openai/agents', surface, asked }, async (trial) => {
    const modelProvider = new OpenAIProvider({
      apiKey: 'none',
      baseURL: `${trial.ocp.url}/v1`,
      useResponses: surface === 'openai-responses',
    });
    const runner = new Runner({ modelProvider, tracingDisabled: true });
    const read = tool({ ...readTool, execute: ({ path }) => readFile(trial, path) });
    const agent = new Agent({
      name: 'Reader',
      instructions: 'You read files.',
      model: 'claude-sonnet-5-5',
      tools: [read],
    });
    let history: AgentInputItem[] = [];
    const ask = async (content: string) => {
      const result = await runner.run(agent, [...history, { role: 'user', content }]);
      history = result.history;
      return ended(result.finalOutput ?? '');
    };
    await playTwoTurns(trial, {
      call: readCall,
      first: async () => ask(readPrompt),
      second: async () => ask(repeatPrompt),
    });
  });
}
