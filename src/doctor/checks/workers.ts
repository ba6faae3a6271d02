import type { Bench } from '../bench.ts';
import type { Check } from '../finding.ts';

/** After this time a server has started its spares, ms. */
const WARM_AFTER_MS = 60_000;
/** What an idle worker holds, MiB: the figure by which the server counts them. */
const WORKER_MB = 100;
const MIB = 1_048_576;

/** Workers that wait for requests. */
export const workerChecks: readonly Check<Bench>[] = [
  {
    id: 'spares',
    means: 'CLI processes wait for requests, so that an answer does not begin with the start of a program.',
    remedy: 'Look at `ocp logs` for `worker_failed`; give it memory (`OCP_SPARES_MEMORY_MB`).',
    kind: 'fix_cli',
    async run({ server, config, availableMemory, ocp }) {
      const budget = config.sparesMemoryMb;
      if (budget < 2 * WORKER_MB) {
        return {
          level: 'WARN',
          message: `OCP_SPARES_MEMORY_MB (${budget} MiB) has room for one waiting worker only`,
          cause: `a worker takes about ${WORKER_MB} MiB; the second of two requests at once waits for a program to start`,
          fix: `give it ${2 * WORKER_MB} MiB or more`,
        };
      }
      const state = await server();
      if (state === undefined || state.problem !== undefined) return undefined;
      const all = state.spares + state.ready + state.conversations + state.busy;
      if (state.uptimeMs > WARM_AFTER_MS && all === 0) {
        return {
          level: 'WARN',
          message: `no worker waits, ${Math.round(state.uptimeMs / 60_000)} minutes after the start`,
          cause: 'the processes of the CLI end by themselves, or cannot be started',
          fix: `look at ${ocp} logs 50 warn`,
          commands: [`${ocp} logs 50 warn`],
        };
      }
      const free = Math.floor(availableMemory() / MIB);
      if (free < WORKER_MB) {
        return {
          level: 'WARN',
          message: `only ${free} MiB of memory are left on this machine`,
          cause: 'the next worker may be ended by the system, and its request with it',
          fix: 'lower OCP_SPARES_MEMORY_MB or CLAUDE_MAX_CONCURRENT, or end other programs',
        };
      }
      return { level: 'PASS', message: `${state.spares} workers wait, ${state.conversations} hold a conversation` };
    },
  },
];
