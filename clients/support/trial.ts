import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import type { RequestRecord } from '../../simulator/index.ts';
import { startOcp } from '../../test/support/ocp.ts';
import type { Ocp } from '../../test/support/ocp.ts';
import { until } from '../../test/support/processes.ts';
import { connectClient } from './connect.ts';
import { describeCall, describeRun } from './describe.ts';
import { writeResult } from './results.ts';
import type { Run, Start } from './run.ts';
import { run } from './run.ts';
import type { Workspace } from './workspace.ts';
import { createWorkspace } from './workspace.ts';

/**
 * Room for idle workers, MB: a client can ask a second model for a title or a summary at any time, and that conversation must
 * not push out the one that is tried.
 */
const ROOM_MB = 400;

/** What is tried, for the table. */
export interface TrialPlan {
  readonly client: string;
  /** The npm package that the client is; its version is the client's. */
  readonly packageName: string;
  readonly surface: Surface;
  /** What the client has to do, as the table says it. */
  readonly asked: string;
  /** Where the client changes what it said before, so that OCP has to tell it anew to another worker. */
  readonly edits?: readonly Step[];
  /** Why the client cannot be tried here. */
  readonly skip?: string;
}

/** `result`: the request that brings the tool's result; `second`: the one with the second prompt. */
export type Step = 'result' | 'second';

export type Surface = 'openai-chat' | 'anthropic-messages' | 'openai-responses';

/** A request as OCP's log tells of it. */
export interface ServedRequest {
  readonly surface: string;
  readonly outcome: string;
  /** Where the worker came from; `live` is the one that already held the conversation. */
  readonly origin: string | undefined;
}

/** What OCP and the API saw of one run of a client. */
export interface Exchange<T> {
  readonly result: T;
  readonly requests: readonly ServedRequest[];
  readonly calls: readonly RequestRecord[];
}

/** A client, an OCP for it alone, and the API behind that. */
export interface Trial extends Workspace {
  readonly plan: TrialPlan;
  readonly ocp: Ocp;
  /** Makes the client of this id use OCP, by `ocp connect`. */
  readonly connect: (id: string) => Promise<void>;
  /** Runs a program of a client in the project, with its home and this environment. */
  readonly run: (program: string, args: readonly string[], options?: Partial<Start>) => Promise<Run>;
  /** Does something and tells what came of it: every request that OCP served, every call that the API got. */
  readonly observe: <T>(action: () => Promise<T>) => Promise<Exchange<T>>;
}

/** Declares a test of one client on one surface, which leaves one line for the table. */
export function clientTest(plan: TrialPlan, body: (trial: Trial) => Promise<void>): void {
  void test(`${plan.client} on ${plan.surface}`, { timeout: 600_000, skip: plan.skip ?? false }, async (t) => {
    const workspace = createWorkspace(t);
    await using ocp = await startOcp({ config: { sparesMemoryMb: ROOM_MB } });
    const runs: Run[] = [];
    const trial: Trial = {
      ...workspace,
      plan,
      ocp,
      connect: async (id) => connectClient({ home: workspace.home, url: ocp.url, surface: plan.surface, id }),
      run: async (program, args, options = {}) => {
        const ended = await run(program, args, { cwd: workspace.project, home: workspace.home, env: {}, ...options });
        runs.push(ended);
        return ended;
      },
      observe: async (action) => observe(ocp, action),
    };
    const begun = performance.now();
    let passed = false;
    try {
      await body(trial);
      passed = true;
    } catch (error) {
      for (const ended of runs) t.diagnostic(describeRun(ended));
      t.diagnostic(`OCP:\n${ocp.log.join('\n')}`);
      t.diagnostic(`API calls:\n${ocp.simulator.log.messages().map(describeCall).join('\n')}`);
      throw error;
    } finally {
      const seconds = Math.round((performance.now() - begun) / 100) / 10;
      t.diagnostic(`${plan.client} took ${seconds} s`);
      const { client, packageName, surface, asked, edits = [] } = plan;
      const requests = ocp.simulator.log.messages().filter(offersTools).length;
      const version = installedVersion(packageName);
      writeResult({ client, packageName, version, ocp: ownVersion(), surface, asked, passed, requests, edits });
    }
  });
}

async function observe<T>(ocp: Ocp, action: () => Promise<T>): Promise<Exchange<T>> {
  const requestsBefore = servedRequests(ocp).length;
  const callsBefore = ocp.simulator.log.messages().length;
  const result = await action();
  await idle(ocp);
  return {
    result,
    requests: servedRequests(ocp).slice(requestsBefore),
    calls: ocp.simulator.log.messages().slice(callsBefore),
  };
}

/** A client that ends may leave a side request of its own open; its end is noticed a moment later. */
async function idle(ocp: Ocp): Promise<void> {
  await until(async () => {
    const { concurrency } = (await ocp.health()) as { concurrency: { inflight: number; queued: number } };
    return concurrency.inflight + concurrency.queued === 0;
  });
}

function servedRequests(ocp: Ocp): readonly ServedRequest[] {
  return ocp.log.flatMap((line) => {
    const entry = JSON.parse(line) as ServedRequest & { event: string };
    return entry.event === 'request' ? [entry] : [];
  });
}

function offersTools({ body }: RequestRecord): boolean {
  const { tools = [] } = (body ?? {}) as { readonly tools?: readonly unknown[] };
  return tools.length > 0;
}

function ownVersion(): string {
  const manifest = readFileSync(resolve(import.meta.dirname, '../../package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

function installedVersion(packageName: string): string {
  const folders = [resolve(import.meta.dirname, '..'), resolve(import.meta.dirname, '../..')];
  for (const folder of folders) {
    try {
      const file = readFileSync(join(folder, 'node_modules', packageName, 'package.json'), 'utf8');
      return (JSON.parse(file) as { version: string }).version;
    } catch {
      continue;
    }
  }
  throw new Error(`${packageName} is not installed`);
}
