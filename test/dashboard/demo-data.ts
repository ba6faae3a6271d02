import { randomBytes } from 'node:crypto';
import type { Plan } from '../../src/claude/plan.ts';
import { unknownPlan } from '../../src/claude/plan.ts';
import { openStore } from '../../src/store/database.ts';
import { noLimits } from '../../src/store/key-record.ts';
import { KeyStore } from '../../src/store/keys.ts';
import { PlanStore } from '../../src/store/plans.ts';
import { UsageLog } from '../../src/store/usage-log.ts';
import { HOUR_MS } from '../../src/store/usage-row.ts';

/** The afternoon at which the demo takes place. */
export const demoNow: number = Date.UTC(2026, 10, 24, 13, 24);

const people = [
  { name: 'anna-laptop', weight: 5, note: 'Editor and terminal' },
  { name: 'ben-desktop', weight: 3, note: '' },
  { name: 'home-assistant', weight: 2, note: 'Small questions, all day' },
  { name: 'ci-reviews', weight: 4, note: 'Reviews of pull requests' },
  { name: 'kitchen-tablet', weight: 1, note: '' },
] as const;
const models = ['claude-sonnet-5-5', 'claude-sonnet-5-5', 'claude-haiku-5-5', 'claude-opus-5-5'] as const;
const clients = ['claude-code', 'opencode', 'cline', 'openai-sdk', 'continue'] as const;
const surfaces = ['anthropic-messages', 'openai-chat', 'openai-chat', 'openai-responses'] as const;
const failures = ['timeout', 'overloaded', 'quota_exceeded', 'client_closed'] as const;

export interface DemoKeys {
  /** The texts of the keys by name. */
  readonly [name: string]: string;
}

/** Fills OCP's home with five people's use of 30 days, the same each time but for the texts of the keys. */
export async function writeDemoData(home: string, now: number = demoNow): Promise<DemoKeys> {
  const store = await openStore(home);
  const raise = (error: unknown): void => {
    throw error;
  };
  const clock = { now: now - 40 * 24 * HOUR_MS };
  const keys = new KeyStore({ store, now: () => clock.now, randomBytes, onError: raise });
  const texts: Record<string, string> = {};
  const ids = people.map(({ name, note }, index) => {
    const limits = {
      ...noLimits,
      requests: { daily: index === 2 ? 500 : null, weekly: null, monthly: null },
      usd: { daily: null, weekly: null, monthly: index < 2 ? 60 : null },
      requestsPerMinute: index === 3 ? 30 : null,
    };
    const { key, record } = keys.create({
      name,
      note,
      limits,
      expiresAt: index === 4 ? now + 20 * 24 * HOUR_MS : null,
    });
    texts[name] = key;
    clock.now += 3 * HOUR_MS;
    return record.id;
  });
  const usage = new UsageLog({ database: store.quick, onError: raise });
  const chance = generator(7);
  for (let hour = 30 * 24; hour >= 0; hour -= 1) {
    const start = now - hour * HOUR_MS;
    const busy = busyness(new Date(start));
    for (const [index, { name, weight }] of people.entries()) {
      const count = Math.floor(weight * busy * (0.4 + chance()) * 2.1);
      for (let number = 0; number < count; number += 1) {
        const isFailed = chance() < 0.022;
        const isHit = !isFailed && index === 2 && chance() < 0.35;
        const size = Math.exp(chance() * 3.2);
        const output = Math.round(60 * size);
        const cacheRead = isHit ? 0 : Math.round(1800 * size * (0.4 + chance()));
        const model = models[Math.floor(chance() * models.length)] ?? models[0];
        usage.add({
          at: Math.floor(start - 15_000 - chance() * HOUR_MS),
          account: `key:${ids[index]}`,
          caller: name,
          surface: surfaces[(index + Math.floor(chance() * 2)) % surfaces.length] ?? 'openai-chat',
          client: clients[index] ?? 'unknown',
          modelAsked: model,
          modelAnswered: isFailed ? null : model,
          outcome: isFailed ? (failures[Math.floor(chance() * chance() * failures.length)] ?? 'timeout') : 'ok',
          promptChars: 9000,
          responseChars: output * 4,
          inputTokens: isFailed || isHit ? 0 : Math.round(220 * size),
          outputTokens: isFailed || isHit ? 0 : output,
          cacheReadTokens: isFailed ? 0 : cacheRead,
          cacheWriteTokens: isFailed || isHit ? 0 : Math.round(90 * size),
          usd: isFailed || isHit ? 0 : (220 * size * 3 + output * 15 + cacheRead * 0.3) / 1e6,
          firstEventMs: isFailed ? null : isHit ? 4 : Math.round(380 * Math.exp(chance() * 1.6)),
          durationMs: Math.round(900 + 900 * size),
          source: isFailed ? null : isHit ? 'hit' : 'live',
          replayed: false,
        });
      }
    }
  }
  usage.flush();
  for (const id of ids.slice(0, 4)) {
    clock.now = now - id * 7 * 60_000;
    keys.touch(id);
  }
  keys.flush();
  const plans = new PlanStore<Plan>({ database: store.quick, onError: raise });
  plans.write('default', {
    ...unknownPlan,
    heardAt: now - 90_000,
    status: 'allowed',
    claim: 'five_hour',
    windows: {
      five_hour: { utilization: 0.58, resetsAt: Math.floor(now / 1000) + 2 * 3600 + 600 },
      seven_day: { utilization: 0.34, resetsAt: Math.floor(now / 1000) + 4 * 86_400 },
      seven_day_opus: { utilization: 0.71, resetsAt: Math.floor(now / 1000) + 4 * 86_400 },
    },
    subscription: 'max',
  });
  plans.flush();
  store.close();
  return texts;
}

/** How much is done at an hour: more by day, less on weekends. */
function busyness(time: Date): number {
  const hour = (time.getUTCHours() + 1) % 24;
  const byDay = Math.max(0.05, Math.sin(((hour - 6) / 18) * Math.PI));
  return time.getUTCDay() === 0 || time.getUTCDay() === 6 ? byDay * 0.35 : byDay;
}

/** Numbers between 0 and 1 that are the same each time (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
