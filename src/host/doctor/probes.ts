import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Plan } from '../../claude/plan.ts';
import { unknownPlan } from '../../claude/plan.ts';
import { abandonedRunFolders, sweepRunFolders } from '../../claude/run-folder.ts';
import { baseUrl } from '../../config/base-url.ts';
import { runningServerRecord } from '../../config/server-record.ts';
import type { ServerMachine, ServerState } from '../../doctor/bench.ts';
import { diskOf } from '../../doctor/disk.ts';
import { once } from '../../doctor/once.ts';
import { shellWord } from '../../doctor/shell-word.ts';
import { inspectStore } from '../../store/inspect.ts';
import { HostError } from '../error.ts';
import { installationIn, latestVersion } from '../latest-version.ts';
import type { Machine } from '../machine.ts';
import { portOwner } from '../port-owner.ts';
import type { Answerer } from '../server-answer.ts';
import { waitForServer, whoAnswers } from '../server-answer.ts';
import { isAlive, readStatus, statusPath } from '../service/background-files.ts';
import { chooseService } from '../service/choose.ts';
import { inheritedFrom } from '../service/inherited.ts';
import type { Service } from '../service/service.ts';
import { probeClaude, probeLogins } from './claude-probe.ts';
import { readableConfiguration, readableFile, serviceEnvironment } from './configuration.ts';
import type { MachineBench, OpenClawList } from './machine-bench.ts';
import { askHosts, askTurn, hostsOf, tryUpstream } from './way-probes.ts';

/** How long a server may take from its start to its first answer, ms. */
const READY_MS = 60_000;
const TAIL_BYTES = 16_384;
const LONGEST_CAUSE = 300;

/** Units that a whole system may have of OCP, of this product or an earlier one. */
const systemUnits = [
  '/etc/systemd/system/ocp-proxy.service',
  '/etc/systemd/system/openclaw-proxy.service',
  '/Library/LaunchDaemons/dev.ocp.proxy.plist',
  '/Library/LaunchDaemons/ai.openclaw.proxy.plist',
  '/Library/LaunchAgents/dev.ocp.proxy.plist',
  '/Library/LaunchAgents/ai.openclaw.proxy.plist',
];

const workers = z.looseObject({
  busy: z.int(),
  spares: z.int(),
  ready: z.int(),
  conversations: z.int(),
});
const share = z.object({ used: z.number().optional(), limit: z.number() });
const machine = z.object({
  problem: z.string().nullable(),
  openFiles: share.nullable(),
  processes: share.nullable(),
  outOfMemoryKills: z.number().nullable(),
  temporaryFolder: z.object({ ok: z.boolean(), recreated: z.number(), unstable: z.string().optional() }),
  reaper: z.object({ ok: z.boolean() }),
  troubles: z.array(z.object({ what: z.string(), count: z.number() })),
});

const storage = z.object({
  state: z.string(),
  problem: z.string().nullable(),
  usageWaiting: z.number(),
  usageDropped: z.number(),
});

const healthDetails = z.looseObject({
  problem: z.string().nullish(),
  auth: z.looseObject({ ok: z.boolean().nullish() }).optional(),
  degradedProfiles: z.array(z.string()).catch([]),
  stats: z
    .looseObject({ planUseRefused: z.record(z.string(), z.number()).optional() })
    .optional()
    .catch(undefined),
  workers: workers.catch({ busy: 0, spares: 0, ready: 0, conversations: 0 }),
  machine: machine.optional().catch(undefined),
  storage: storage.optional().catch(undefined),
});

export interface BenchOptions {
  readonly openclaw: OpenClawList;
  /** Whether Claude may be asked a small question. */
  readonly turn?: boolean;
}

/** This machine as doctor looks at it. Nothing is changed by looking. */
export async function machineBench(machine: Machine, options: BenchOptions): Promise<MachineBench> {
  const { packageRoot, signal } = machine;
  const found = readableFile(machine.env, machine.home);
  const service = await chooseService({ machine, ocpHome: found.home, file: found.file });
  const state = await service.state();
  const inherited = state.isInstalled ? inheritedFrom(state, found.file, machine.home) : undefined;
  const file = { ...inherited?.moved, ...found.file };
  const given = inherited === undefined ? machine.env : serviceEnvironment(machine.env, inherited.kept, file);
  const { config, env, problems } = readableConfiguration(given, { ...found, file }, machine);
  // Of a file that is broken the port may be unknown; the server that runs has written its own down.
  const running = problems.length === 0 ? undefined : runningServerRecord(found.home);
  const url = running === undefined ? baseUrl(config.bind, config.port) : baseUrl(running.address, running.port);
  const claudeOptions = { config, env, packageRoot, signal };
  const answerer = once(async () => whoAnswers(url, signal));
  const database = once(async () => inspectStore(config.home));
  const installation = installationIn(packageRoot);
  const temporary = env['TMPDIR'] ?? tmpdir();
  return {
    machine,
    installation,
    url,
    config,
    configProblems: problems,
    env,
    userHome: machine.home,
    uid: process.getuid?.(),
    nodeVersion: process.versions.node,
    now: Date.now,
    ocp: shellWord(join(packageRoot, 'ocp')),
    latest: once(async () => latestVersion(installation, { run: machine.run, env: machine.env, signal })),
    claude: once(async () => probeClaude(claudeOptions)),
    logins: once(async () => probeLogins(claudeOptions)),
    plans: once(async () => plansIn(await database())),
    server: once(async () => serverState(await answerer())),
    database,
    disk: diskOf,
    availableMemory: () => process.availableMemory(),
    service: once(async () => ({
      service,
      state,
      toInstall: await service.plan('install'),
      inherited: inherited?.notes ?? [],
    })),
    answerer,
    portOwner: once(async () => portOwner(config.port, machine)),
    otherUnits: () => systemUnits.filter((path) => existsSync(path)),
    hosts: once(async () => ((await answerer()).kind === 'ocp' ? askHosts(url, hostsOf(config)) : [])),
    abandoned: async () => abandonedRunFolders(temporary),
    sweep: async () => sweepRunFolders(temporary),
    stalePidFile: async () => stalePidFile(config.home),
    upstream: once(async () => tryUpstream(config, env)),
    openclaw: options.openclaw,
    turn: options.turn === true ? once(async () => askTurn(url, config.adminKey, signal)) : undefined,
    restart: async () => {
      const [first] = problems;
      if (first !== undefined) throw new HostError(`${first}; nothing was restarted`);
      return restart(service, url, signal);
    },
    lastFailure: () => lastFailure(state.log),
  };
}

function plansIn(found: ReturnType<typeof inspectStore>): ReadonlyMap<string, Plan> {
  if (found.kind !== 'sound') return new Map();
  return new Map([...found.plans].map(([profile, plan]) => [profile, { ...unknownPlan, ...(plan as Partial<Plan>) }]));
}

function serverState(answer: Answerer): ServerState | undefined {
  if (answer.kind !== 'ocp') return undefined;
  const details = healthDetails.safeParse(answer.health);
  if (!details.success) return undefined;
  const { problem, auth, degradedProfiles, workers: counts } = details.data;
  return {
    version: answer.health.version,
    uptimeMs: answer.health.uptime,
    problem: problem ?? undefined,
    loggedIn: auth?.ok ?? undefined,
    endedLogins: degradedProfiles,
    planUseRefused: details.data.stats?.planUseRefused,
    authMode: answer.health.authMode,
    busy: counts.busy,
    spares: counts.spares,
    ready: counts.ready,
    conversations: counts.conversations,
    machine: details.data.machine === undefined ? undefined : serverMachine(details.data.machine),
    storage: details.data.storage,
  };
}

function serverMachine(told: z.infer<typeof machine>): ServerMachine {
  const { problem, openFiles, processes, outOfMemoryKills, temporaryFolder, reaper, troubles } = told;
  return {
    problem: problem ?? undefined,
    openFiles: openFiles ?? undefined,
    processes: processes ?? undefined,
    outOfMemoryKills: outOfMemoryKills ?? undefined,
    isFolderUsable: temporaryFolder.ok,
    recreated: temporaryFolder.recreated,
    unstable: temporaryFolder.unstable,
    hasReaper: reaper.ok,
    troubles,
  };
}

async function stalePidFile(home: string): Promise<string | undefined> {
  const path = statusPath(home);
  if (!existsSync(path)) return undefined;
  const status = readStatus(home);
  return status !== undefined && (await isAlive(status.supervisor)) ? undefined : path;
}

async function restart(service: Service, url: string, signal: AbortSignal): Promise<string> {
  const began = performance.now();
  await service.restart();
  const health = await waitForServer({
    url,
    youngerThan: () => performance.now() - began,
    timeoutMs: READY_MS,
    signal,
    isComing: async () => (await service.state()).isComing,
  });
  if (health !== undefined) return `started the server; version ${health.version} answers at ${url}`;
  const { detail, log } = await service.state();
  throw new HostError(`the server was started but does not answer (${detail}); ${log} says why`);
}

/** The last line of a log that tells of a failure, without anything that looks like a key. */
export function lastFailure(path: string): string | undefined {
  const line = tailOf(path)
    .split('\n')
    .findLast((text) => text.startsWith('ocp: ') || /^\{"level":"(?:error|fatal)"/u.test(text));
  return line
    ?.replace(/^ocp: /u, '')
    .replaceAll(/\b(?:ocp_|sk-)[\w-]{8,}/gu, '[hidden]')
    .slice(0, LONGEST_CAUSE);
}

function tailOf(path: string): string {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return '';
  }
  try {
    const { size } = fstatSync(file);
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(file, tail, 0, tail.length, size - tail.length);
    return tail.toString('utf8');
  } catch {
    return '';
  } finally {
    closeSync(file);
  }
}
