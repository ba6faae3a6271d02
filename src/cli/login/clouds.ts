/**
 * Clouds that offer Claude, with the variables by which the CLI uses them: the switch, then what it may need.
 * Source: code.claude.com/docs/en/amazon-bedrock, …/google-vertex-ai, …/microsoft-foundry.
 */
export const clouds = {
  bedrock: {
    switch: 'CLAUDE_CODE_USE_BEDROCK',
    variables: [
      'AWS_REGION',
      'AWS_PROFILE',
      'AWS_ACCESS_KEY_ID',
      'AWS_SECRET_ACCESS_KEY',
      'AWS_SESSION_TOKEN',
      'AWS_BEARER_TOKEN_BEDROCK',
      'ANTHROPIC_BEDROCK_BASE_URL',
    ],
    /** One of these has to be set. */
    needs: ['AWS_REGION'],
  },
  vertex: {
    switch: 'CLAUDE_CODE_USE_VERTEX',
    variables: [
      'CLOUD_ML_REGION',
      'ANTHROPIC_VERTEX_PROJECT_ID',
      'GOOGLE_APPLICATION_CREDENTIALS',
      'ANTHROPIC_VERTEX_BASE_URL',
    ],
    needs: ['ANTHROPIC_VERTEX_PROJECT_ID'],
  },
  foundry: {
    switch: 'CLAUDE_CODE_USE_FOUNDRY',
    variables: ['ANTHROPIC_FOUNDRY_RESOURCE', 'ANTHROPIC_FOUNDRY_API_KEY', 'ANTHROPIC_FOUNDRY_BASE_URL'],
    needs: ['ANTHROPIC_FOUNDRY_RESOURCE', 'ANTHROPIC_FOUNDRY_BASE_URL'],
  },
} as const;

export type Cloud = keyof typeof clouds;
