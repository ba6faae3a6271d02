/** The models that the simulator lists unless told otherwise. */
export const defaultModels: readonly string[] = [
  'claude-fable-5-2',
  'claude-opus-5-5',
  'claude-sonnet-5-5',
  'claude-haiku-5-5',
];

/** One entry of `GET /v1/models`. Contract: Anthropic API reference, Models. */
export function modelInfo(id: string): Readonly<Record<string, unknown>> {
  return { type: 'model', id, display_name: displayName(id), created_at: '2025-01-01T00:00:00Z' };
}

function displayName(id: string): string {
  const [family = '', name = '', ...version] = id.split('-');
  return [capital(family), capital(name), version.filter((part) => part.length < 3).join('.')].join(' ').trim();
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
