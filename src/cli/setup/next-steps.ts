import type { AuthMode } from '../../config/config.ts';

/** Three things that somebody does who has just set up OCP. */
export function nextSteps(options: {
  readonly mode: AuthMode;
  readonly url: string;
  readonly isServed: boolean;
}): readonly string[] {
  const { mode, url, isServed } = options;
  const tools = `Point your tools at it: ocp connect, or OPENAI_BASE_URL=${url}/v1 and ANTHROPIC_BASE_URL=${url}`;
  const others = 'Give each person a key: ocp keys add NAME';
  const all = [
    ...(isServed ? [] : ['Start the server: ocp serve']),
    ...(mode === 'multi' ? [others] : []),
    tools,
    'See how it does: ocp status',
    'When something does not work: ocp doctor',
  ];
  return all.slice(0, 3);
}
