import type { SettingsFile } from '../clients/settings/settings-file.ts';
import { exampleSettings } from '../clients/settings/settings-file.ts';

/** What a user of a client has to know; Markdown. */
export interface ClientNotes {
  readonly client: string;
  /** The file with which the client was tried. */
  readonly settings?: SettingsFile;
  readonly text: string;
}

export const clientNotes: readonly ClientNotes[] = [
  {
    client: 'Claude Code',
    settings: exampleSettings('claude-code'),
    text: `The URL has no \`/v1\`. These settings win over the environment, also for the CLI that OCP runs: OCP keeps its workers from
reading them, and refuses a request that one of its own workers made.`,
  },
  {
    client: 'Codex CLI',
    settings: exampleSettings('codex'),
    text: `Codex speaks Responses only. The two lines at the top have to stand before the first table. With \`env_key = "OCP_API_KEY"\`
in place of the token, Codex takes the key from the environment. Without a catalogue entry for the model it warns about
missing metadata and works nevertheless. When OCP is not running, \`codex exec\` waits for it and does not end.`,
  },
  {
    client: 'OpenCode',
    settings: exampleSettings('opencode'),
    text: `\`npm\` chooses the API: \`@ai-sdk/openai-compatible\` is Chat Completions, \`@ai-sdk/openai\` Responses, \`@ai-sdk/anthropic\`
Messages, all with the same URL. Titles come from \`small_model\`; without it OpenCode asks another provider for them.`,
  },
  {
    client: 'Kilo',
    settings: exampleSettings('kilo'),
    text: 'Kilo takes the settings of OpenCode under another name.',
  },
  {
    client: 'Cline',
    settings: exampleSettings('cline'),
    text: `For Messages, the provider is \`anthropic\` in all three places; the URL keeps its \`/v1\`. A file that Cline cannot read counts
as an empty one. \`cline --id\` resumes a session on a terminal only, so the second turn is tried as an editor does it, by
the Agent Client Protocol.`,
  },
  {
    client: 'Continue',
    settings: exampleSettings('continue'),
    text: `For Messages, the provider is \`anthropic\`, with the same address. The extensions for VS Code and JetBrains read the same
file; only \`cn\` is tried here.`,
  },
  {
    client: 'Qwen Code',
    settings: exampleSettings('qwen-code'),
    text: `\`"wireApi": "responses"\` in the model's entry chooses Responses. For Messages, the provider and the selected type are
\`anthropic\`, and the URL loses its \`/v1\`. After each turn Qwen Code asks once more, for its memory.`,
  },
  {
    client: 'OpenClaw',
    settings: exampleSettings('openclaw'),
    text: `\`api\` may also be \`openai-responses\`, or \`anthropic-messages\` with a URL without \`/v1\`. OpenClaw puts notes about the run at
the end of the conversation and moves them along, with every request on Chat Completions and Messages, with every turn on
Responses. Its history is then another one than before, so OCP tells it anew to another worker.`,
  },
  {
    client: 'AI SDK',
    text: `\`createOpenAICompatible\`, \`createOpenAI\` and \`createAnthropic\` all take \`baseURL: 'http://127.0.0.1:3456/v1'\` and an
\`apiKey\`. What \`createOpenAI\` makes speaks Responses unless it is called by \`.chat()\`.`,
  },
  {
    client: 'LangChain.js',
    text: `\`ChatOpenAI\` takes \`configuration: { baseURL: 'http://127.0.0.1:3456/v1' }\`, and \`useResponsesApi: true\` for Responses.
\`ChatAnthropic\` takes \`anthropicApiUrl: 'http://127.0.0.1:3456'\`.`,
  },
  {
    client: 'OpenAI Agents SDK',
    text: `An \`OpenAIProvider\` with \`baseURL: 'http://127.0.0.1:3456/v1'\` goes into the \`Runner\`; \`useResponses: false\` chooses Chat
Completions. \`tracingDisabled: true\` keeps traces from going to OpenAI.`,
  },
  {
    client: 'Mastra',
    text: `An agent's \`model\` may be \`{ id: 'ocp/claude-sonnet-5-5', url: 'http://127.0.0.1:3456/v1', apiKey }\`, which speaks Chat
Completions. For Responses and Messages it takes what \`createOpenAI\` and \`createAnthropic\` of the AI SDK make; they are tried
with version 6 of it.`,
  },
  {
    client: 'pi',
    text: `A provider in \`~/.pi/agent/models.json\` has \`baseUrl\`, \`apiKey\`, \`models\` and an \`api\`: \`openai-completions\` or
\`openai-responses\` with \`/v1\` at the end of the URL, \`anthropic-messages\` without.`,
  },
  {
    client: 'GitHub Copilot CLI',
    text: `\`COPILOT_PROVIDER_BASE_URL\` and \`COPILOT_MODEL\` make it use OCP, and \`COPILOT_OFFLINE=true\` keeps it from GitHub.
\`COPILOT_PROVIDER_WIRE_API\` is \`completions\` or \`responses\`, with \`/v1\` in the URL; for Messages,
\`COPILOT_PROVIDER_TYPE\` is \`anthropic\` and the URL has no \`/v1\`. On Messages a session that is continued is told to
another worker; the prompt cache still serves what was said before.`,
  },
];
