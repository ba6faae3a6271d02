import type { Cli } from '../contract/support/cli.ts';
import { openSite } from '../contract/support/site.ts';
import { Normaliser } from './normalise.ts';
import type { TranscriptScenario } from './scenarios.ts';

/**
 * Plays a scenario against the CLI and gives back all that was said, one JSON object a line: `{"to": …}` was written to the
 * CLI, `{"from": …}` by it.
 */
export async function record(scenario: TranscriptScenario): Promise<readonly string[]> {
  await using site = await openSite({ script: scenario.script, seed: 1 });
  const cli = site.start({ login: scenario.login, env: { CLAUDE_CODE_MAX_RETRIES: '0', ...scenario.env } });
  await cli.ask({ subtype: 'get_binary_version' });
  const start = { lines: cli.lines.length, told: cli.told.length };
  await scenario.play(cli);
  await settled(cli);
  const normaliser = new Normaliser([
    [cli.cwd, '<cwd>'],
    [site.home, '<home>'],
    [site.home.replaceAll(/[^A-Za-z0-9]/gu, '-'), '<home>'],
    [site.simulator.url, '<api>'],
    [new URL(site.simulator.url).host, '<api>'],
  ]);
  return cli.said
    .slice(start.lines + start.told)
    .filter((entry) => !isBarrier(entry))
    .map((entry) => JSON.stringify(normaliser.value(entry)));
}

/** What the CLI still has to say about what came before has been said once it answers this. */
async function settled(cli: Cli): Promise<void> {
  await cli.ask({ subtype: 'get_binary_version' });
}

function isBarrier(entry: object): boolean {
  const text = JSON.stringify(entry);
  return (
    text.includes('"subtype":"get_binary_version"') ||
    /^\{"from":\{"type":"control_response","response":\{[^{]*"response":\{"version":/u.test(text)
  );
}
