/**
 * Variables that say whose account the CLI uses: credentials, and the switches to a cloud's models. A stored login, and the
 * login of a profile, take the place of all of them.
 * Source: code.claude.com/docs/en/authentication and …/third-party-integrations.
 */
export const accountVariables: readonly string[] = [
  'CLAUDE_CODE_OAUTH_TOKEN',
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'CLAUDE_CODE_USE_BEDROCK',
  'CLAUDE_CODE_USE_VERTEX',
  'CLAUDE_CODE_USE_FOUNDRY',
];
