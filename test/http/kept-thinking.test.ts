import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { suite, test } from 'node:test';
import type { Simulator, ThinkingBinding } from '../../simulator/index.ts';
import { startSimulator, thinkingAnswer } from '../../simulator/index.ts';
import type { Site } from '../support/serve-process.ts';
import { createSite, serve } from '../support/serve-process.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** As the Messages API gives and takes them. */
interface Told {
  readonly role: 'user' | 'assistant';
  readonly content: string | readonly Readonly<Record<string, unknown>>[];
}

interface Answer {
  readonly status: number;
  readonly ignored: string | null;
  readonly content: readonly Readonly<Record<string, unknown>>[];
}

const user = (content: string): Told => ({ role: 'user', content });

/** One and the same API before and after a restart of OCP. */
async function boundApi(t: TestContext, thinkingBinding: ThinkingBinding): Promise<Simulator> {
  const simulator = await startSimulator({
    thinkingBinding,
    script: [{ reply: () => thinkingAnswer('First I look.', 'Said.') }],
  });
  t.after(async () => simulator.close());
  return simulator;
}

/** Runs an OCP for a few requests. */
async function during<T>(
  site: Site,
  use: (ask: (messages: readonly Told[]) => Promise<Answer>) => Promise<T>,
): Promise<T> {
  const ocp = await serve(site);
  const ask = async (messages: readonly Told[]): Promise<Answer> => {
    const response = await fetch(`${ocp.url}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({
        model: 'claude-sonnet-5-5',
        max_tokens: 4000,
        thinking: { type: 'adaptive' },
        system: 'Be brief.',
        messages,
      }),
    });
    const { content = [] } = (await response.json()) as Partial<Answer>;
    return { status: response.status, ignored: response.headers.get('x-ocp-ignored'), content };
  };
  try {
    return await use(ask);
  } finally {
    ocp.child.kill('SIGTERM');
    await ocp.ended;
  }
}

/** The conversation after its first answer, which was thought about. */
async function begun(site: Site): Promise<readonly Told[]> {
  return during(site, async (ask) => {
    const { status, content } = await ask([user('Think.')]);
    assert.equal(status, 200);
    assert.equal(content[0]?.['type'], 'thinking');
    return [user('Think.'), { role: 'assistant', content }, user('And now?')];
  });
}

function lastDropped(simulator: Simulator): number {
  return simulator.log.messages().at(-1)?.droppedThinking ?? 0;
}

suite('thinking that is bound to all before it', { timeout: 120_000 }, () => {
  for (const binding of ['refuse', 'drop'] as const) {
    test(`holds after a restart of OCP (${binding})`, async (t) => {
      const simulator = await boundApi(t, binding);
      const site = createSite(t, simulator.url);
      const talk = await begun(site);
      await during(site, async (ask) => {
        simulator.log.clear();
        const { status, ignored } = await ask(talk);
        assert.deepEqual([status, ignored], [200, null]);
        assert.equal(simulator.log.messages().length, 1, 'the API was asked more than once');
        assert.equal(lastDropped(simulator), 0);
        assert.match(JSON.stringify(simulator.log.messages()[0]?.body), /First I look/u);
      });
    });

    /** What the CLI tells of the surroundings is another prompt. */
    const moved: Readonly<Record<string, (site: Site, t: TestContext) => Site>> = {
      'in another temporary folder': (site, t) => {
        const other = join(temporaryFolder(t), 'elsewhere');
        mkdirSync(other);
        return { ...site, env: { ...site.env, TMPDIR: other } };
      },
      'on another day': (site) => ({ ...site, env: { ...site.env, TZ: 'Pacific/Kiritimati' } }),
    };
    for (const [where, move] of Object.entries(moved)) {
      test(`is left out where it cannot hold: ${where} (${binding})`, async (t) => {
        const simulator = await boundApi(t, binding);
        const site = createSite(t, simulator.url, { TZ: 'Pacific/Pago_Pago' });
        const talk = await begun(site);
        await during(move(site, t), async (ask) => {
          simulator.log.clear();
          const { status, content } = await ask(talk);
          assert.equal(status, 200, JSON.stringify(content));
          const [refused, answered] = simulator.log.messages();
          if (binding === 'refuse') {
            assert.deepEqual([refused?.status, answered?.status], [400, 200]);
            assert.doesNotMatch(JSON.stringify(answered?.body), /First I look/u);
          }
          // What comes back is bound to what was sent, and holds from there on.
          const next = await ask([...talk, { role: 'assistant', content }, user('Go on.')]);
          assert.equal(next.status, 200);
        });
      });
    }
  }
});
