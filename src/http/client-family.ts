/** Client programs by what their User-Agent begins with or holds; the first match counts. */
const families: readonly (readonly [RegExp, string])[] = [
  [/^qwencode\//i, 'qwen-code'],
  [/^(?:claude-cli|claude-code)\//i, 'claude-code'],
  [/^codex/i, 'codex'],
  [/opencode/i, 'opencode'],
  [/kilo/i, 'kilo'],
  [/openclaw/i, 'openclaw'],
  [/cline/i, 'cline'],
  [/^continue/i, 'continue'],
  [/crush/i, 'crush'],
  [/goose/i, 'goose'],
  [/aider|litellm/i, 'aider'],
  [/^zed/i, 'zed'],
  [/cursor/i, 'cursor'],
  [/vscode|copilot/i, 'vscode'],
  [/jetbrains|intellij/i, 'jetbrains'],
  [/^agents\//i, 'openai-agents'],
  [/open-?webui/i, 'open-webui'],
  [/librechat/i, 'librechat'],
  [/^(?:async)?openai\//i, 'openai-sdk'],
  [/^(?:async)?anthropic\//i, 'anthropic-sdk'],
  [/^ai(?:-sdk)?[/-]/i, 'ai-sdk'],
  [/langchain|^ls\/js/i, 'langchain'],
  [/^ocp-cli/i, 'ocp'],
  [/^curl\//i, 'curl'],
  [/^mozilla\//i, 'browser'],
  [/^python|^aiohttp|^httpx/i, 'python'],
  [/^(?:node|undici|bun|deno|axios)/i, 'javascript'],
];

/** The family of a client by its User-Agent, for usage only: programs borrow each other's. `other` for an unknown one. */
export function clientFamily(userAgent: string | undefined): string {
  if (userAgent === undefined || userAgent === '') return 'unknown';
  return families.find(([pattern]) => pattern.test(userAgent))?.[1] ?? 'other';
}
