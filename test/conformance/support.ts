import assert from 'node:assert/strict';
import { before, suite } from 'node:test';
import type { RequestRecord } from '../../simulator/index.ts';
import type { WorkerOrigin } from '../../src/claude/workforce.ts';
import type { JsonObject } from '../../src/wire/json.ts';
import { workerHealth } from '../support/health.ts';
import type { Ocp, OcpOptions } from '../support/ocp.ts';
import { sharedOcp } from '../support/shared-ocp.ts';
import { gone } from '../support/processes.ts';
import { processOf } from '../support/turns.ts';
import { chat } from './drive/chat.ts';
import type { Answer, Driver, Entry, Result, Terms } from './drive/driver.ts';
import { messages } from './drive/messages.ts';
import { responses } from './drive/responses.ts';

export const drivers: readonly Driver[] = [chat, responses, messages];

/** Every surface, streamed and not: what each feature is driven through. */
export const ways: readonly { readonly driver: Driver; readonly stream: boolean; readonly title: string }[] =
  drivers.flatMap((driver) =>
    [true, false].map((stream) => ({ driver, stream, title: `${driver.name}, ${stream ? 'streamed' : 'whole'}` })),
  );

/** A suite whose OCP is up before its tests; suites of one file that want the same OCP share it. */
export function conformance(title: string, options: OcpOptions, define: (ocp: () => Ocp) => void): void {
  suite(title, () => {
    let ocp: Ocp | undefined;
    const running = (): Ocp => {
      assert.ok(ocp !== undefined, 'OCP is up');
      return ocp;
    };
    before(async () => {
      ocp = await sharedOcp(options);
    });
    define(running);
  });
}

/** An OCP for most of what is tested here; bodies may be long. */
export const usual: OcpOptions = {};

/** A conversation that a client leads: it sends all of it each time. */
export class Dialogue {
  readonly entries: Entry[] = [];
  readonly #ocp: Ocp;
  readonly #driver: Driver;
  readonly #terms: Terms;

  constructor(ocp: Ocp, driver: Driver, terms: Terms) {
    this.#ocp = ocp;
    this.#driver = driver;
    this.#terms = terms;
  }

  async say(content: Extract<Entry, { kind: 'user' }>['content'], terms: Partial<Terms> = {}): Promise<Answer> {
    return this.#go({ kind: 'user', content }, terms);
  }

  async give(...results: readonly Result[]): Promise<Answer> {
    return this.#go({ kind: 'results', results }, {});
  }

  async #go(entry: Entry, terms: Partial<Terms>): Promise<Answer> {
    this.entries.push(entry);
    const answer = await this.#driver.ask(this.#ocp, { ...this.#terms, ...terms, entries: this.entries });
    this.entries.push({ kind: 'answer', answer });
    return answer;
  }
}

/** Kills the process that sent a request to the API. */
export async function killWorkerOf(record: RequestRecord | undefined): Promise<void> {
  const pid = processOf(record);
  process.kill(pid, 'SIGKILL');
  await gone(pid);
}

/** Counts from which kind of worker turns came while `run` went on. */
export async function originsDuring(
  ocp: Ocp,
  run: () => Promise<unknown>,
): Promise<Readonly<Record<WorkerOrigin, number>>> {
  const earlier = (await workerHealth(ocp)).workers.origins;
  await run();
  const { live, spare, recycled, started } = (await workerHealth(ocp)).workers.origins;
  return {
    live: live - earlier.live,
    spare: spare - earlier.spare,
    recycled: recycled - earlier.recycled,
    started: started - earlier.started,
  };
}

/** A tool as the API received it. */
export interface SentTool {
  readonly name: string;
  readonly description?: string;
  readonly input_schema: JsonObject;
}

export function sentTools(record: RequestRecord | undefined): readonly SentTool[] {
  const body = record?.body as { readonly tools?: readonly SentTool[] } | undefined;
  return body?.tools ?? [];
}

/** How many tokens of the prompt the API read from its cache, and how many it had in all. */
export function promptTokens(record: RequestRecord | undefined): { readonly read: number; readonly all: number } {
  const usage = (record?.usage ?? {}) as Readonly<Record<string, number>>;
  const read = usage['cache_read_input_tokens'] ?? 0;
  return { read, all: read + (usage['input_tokens'] ?? 0) + (usage['cache_creation_input_tokens'] ?? 0) };
}

/** Cache breakpoints of a request, wherever they are. */
export function breakpoints(record: RequestRecord | undefined): number {
  return JSON.stringify(record?.body).split('"cache_control":{').length - 1;
}
