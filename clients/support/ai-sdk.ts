import { readPrompt, repeatPrompt } from './prompts.ts';
import { ended, readCall, readFile } from './read-tool.ts';
import type { Surface } from './trial.ts';
import { clientTest } from './trial.ts';
import { playTwoTurns } from './turns.ts';

/** One major version of the AI SDK, with the providers that belong to it. */
export interface AiSdk<Model, Message> {
  readonly major: number;
  /** The package as clients/package.json names it. */
  readonly packageName: string;
  /** A model of each provider at a base URL that ends in /v1. */
  readonly models: Readonly<Record<Surface, (baseURL: string) => Model>>;
  /** Streams an answer to the messages, running the tool where the model calls it. */
  readonly stream: (
    model: Model,
    messages: Message[],
    execute: (input: { readonly path: string }) => string,
  ) => Promise<{ readonly text: string; readonly said: readonly Message[] }>;
}

const providers: Readonly<Record<Surface, string>> = {
  'openai-chat': '@ai-sdk/openai-compatible',
  'openai-responses': '@ai-sdk/openai',
  'anthropic-messages': '@ai-sdk/anthropic',
};

/** Declares the tests of one major version, one for each surface. */
export function aiSdkTests<Model, Message>(sdk: AiSdk<Model, Message | { role: 'user'; content: string }>): void {
  const asked = '`streamText` with a tool, then with the messages so far';
  for (const surface of Object.keys(providers) as Surface[]) {
    const client = `AI SDK ${sdk.major}, ${providers[surface]}`;
    clientTest({ client, packageName: sdk.packageName, surface, asked }, async (trial) => {
      const model = sdk.models[surface](`${trial.ocp.url}/v1`);
      const messages: (Message | { role: 'user'; content: string })[] = [];
      const ask = async (content: string) => {
        messages.push({ role: 'user', content });
        const { text, said } = await sdk.stream(model, messages, ({ path }) => readFile(trial, path));
        messages.push(...said);
        return ended(text);
      };
      await playTwoTurns(trial, {
        call: readCall,
        first: async () => ask(readPrompt),
        second: async () => ask(repeatPrompt),
      });
    });
  }
}
