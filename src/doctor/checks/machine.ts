import type { Bench, ServerMachine } from '../bench.ts';
import type { Check, Verdict } from '../finding.ts';

/** Open files of a server with a few dozen workers and clients: each worker takes three, each client one. */
const ENOUGH_FILES = 1024;
/** From this share of its limit on, something counts as nearly used up. */
const NEARLY = 0.9;

/** What a server needs of its machine to run for months. */
export const machineChecks: readonly Check<Bench>[] = [
  {
    id: 'limits',
    means:
      'The server may open enough files and start enough processes, and none of its workers is ended for want of memory.',
    remedy:
      'Raise the limit that the message names: `LimitNOFILE=` and `TasksMax=` of the service, `ulimit -n` and `ulimit -u` of a ' +
      'shell, the memory of a container; or lower `CLAUDE_MAX_CONCURRENT` and `OCP_SPARES_MEMORY_MB`.',
    kind: 'fix',
    async run({ server }) {
      const machine = (await server())?.machine;
      if (machine === undefined) return undefined;
      return usedUp(machine) ?? lacked(machine) ?? fewFiles(machine) ?? { level: 'PASS', message: limitsOf(machine) };
    },
  },
  {
    id: 'temporary_folder',
    means: 'Workers have their folder for temporary files, and its name stays the same over a restart.',
    remedy:
      'Where a cleaner of temporary files takes the folder away, let it leave out `w-*` and `w<uid>` in the temporary folder, or ' +
      'set `TMPDIR` to a folder that is not cleaned. Remove what another user has put at that place.',
    kind: 'fix',
    async run({ server }) {
      const machine = (await server())?.machine;
      if (machine === undefined) return undefined;
      if (!machine.isFolderUsable) {
        return {
          level: 'FAIL',
          message: 'the server cannot make the temporary folder of its workers',
          ...(machine.problem === undefined ? {} : { cause: machine.problem }),
          fix: 'make TMPDIR a folder that the server can write to; it is tried again every few seconds',
        };
      }
      if (!machine.hasReaper) {
        return {
          level: 'WARN',
          message: 'the process that ends the workers of an OCP that was killed is not running',
          cause: '/bin/sh cannot be started; it is tried again every few seconds',
        };
      }
      if (machine.unstable !== undefined) {
        return {
          level: 'WARN',
          message: `the working directory of the workers cannot keep its name over a restart: ${machine.unstable}`,
          cause:
            'the name is in each prompt: after a restart nothing of earlier conversations is found in the prompt cache',
          fix: 'remove the folder w<uid> in the temporary folder, or set TMPDIR to a folder of this user',
        };
      }
      if (machine.recreated === 0) return { level: 'PASS', message: 'the temporary folder of the workers is there' };
      return {
        level: 'INFO',
        message: `the temporary folder of the workers was taken away ${machine.recreated} times since the start, and made again`,
        cause: 'a cleaner of temporary files takes it for old',
      };
    },
  },
];

function usedUp({ openFiles, processes }: ServerMachine): Verdict | undefined {
  for (const [what, share, fix] of [
    [
      'open files',
      openFiles,
      'raise the limit (LimitNOFILE= of the service, or ulimit -n), or lower CLAUDE_MAX_CONCURRENT',
    ],
    ['processes', processes, 'raise the limit (TasksMax= of the service, or ulimit -u), or lower OCP_SPARES_MEMORY_MB'],
  ] as const) {
    if (share?.used === undefined || share.used < share.limit * NEARLY) continue;
    return {
      level: 'FAIL',
      message: `${share.used} of ${share.limit} ${what} are in use`,
      cause: 'requests are refused with 503 while there are none left',
      fix,
    };
  }
  return undefined;
}

function lacked({ troubles, outOfMemoryKills = 0, problem }: ServerMachine): Verdict | undefined {
  const words = troubles.map(({ what, count }) => `${what} (${count} times)`);
  if (outOfMemoryKills > 0) words.push(`processes ended for want of memory (${outOfMemoryKills} times)`);
  if (words.length === 0) return undefined;
  return {
    level: problem === undefined ? 'INFO' : 'WARN',
    message: `the machine has failed the server since it was started: ${words.join(', ')}`,
    cause: 'requests were refused with 503, or begun again on another worker',
    fix: 'see `limits` in docs/troubleshooting.md',
  };
}

function fewFiles({ openFiles }: ServerMachine): Verdict | undefined {
  if (openFiles === undefined || openFiles.limit >= ENOUGH_FILES) return undefined;
  return {
    level: 'WARN',
    message: `the server may open only ${openFiles.limit} files`,
    cause: 'each worker takes three and each client one; without any left, requests are refused with 503',
    fix: `raise the limit to ${ENOUGH_FILES} or more: LimitNOFILE= of the service, or ulimit -n`,
  };
}

function limitsOf({ openFiles, processes }: ServerMachine): string {
  const shares = [
    ...(openFiles === undefined ? [] : [`${openFiles.used ?? '?'} of ${openFiles.limit} open files`]),
    ...(processes?.used === undefined ? [] : [`${processes.used} of ${processes.limit} processes`]),
  ];
  return shares.length === 0 ? 'nothing that the server needs has run out' : `${shares.join(' and ')} are in use`;
}
