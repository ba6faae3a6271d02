import { capabilityWarnings } from '../../claude/capabilities.ts';
import { MINIMUM_CLAUDE_VERSION, isSupportedVersion } from '../../claude/version.ts';
import type { Bench, ClaudeState } from '../bench.ts';
import type { Check } from '../finding.ts';

const install = 'npm install -g @anthropic-ai/claude-code';

/** The Claude CLI: is it there, is it new enough, does it speak as a worker must. */
export const claudeCliChecks: readonly Check<Bench>[] = [
  {
    id: 'cli_present',
    means:
      'The Claude CLI is there and can be run: `CLAUDE_BIN`, else `claude` on the PATH, else the one that npm brought.',
    remedy: `Install it: \`${install}\`. Where \`CLAUDE_BIN\` names something else, correct or remove it.`,
    kind: 'fix_cli',
    async run({ claude }) {
      const { path, source, problem } = await claude();
      if (path !== undefined && source !== undefined) {
        return { level: 'PASS', message: `the Claude CLI is ${path} (from ${placeOf(source)})` };
      }
      return {
        level: 'FAIL',
        message: problem ?? 'there is no Claude CLI on this machine',
        cause:
          problem === undefined
            ? 'CLAUDE_BIN is unset, no claude is on the PATH of the server, and npm installed none with OCP'
            : 'the CLI was moved or removed after CLAUDE_BIN was set',
        fix: problem === undefined ? `install it: ${install}` : 'set CLAUDE_BIN to the CLI that is there, or remove it',
        ...(problem === undefined ? { commands: [install] } : { human: ['Correct or remove CLAUDE_BIN.'] }),
      };
    },
  },
  {
    id: 'cli_version',
    means: `The CLI is ${MINIMUM_CLAUDE_VERSION} or newer; an older one does not know what OCP asks of it.`,
    remedy: `Update it: \`${install}\`, then \`ocp restart\`.`,
    kind: 'fix_cli',
    async run({ claude, ocp }) {
      const state = await claude();
      if (state.path === undefined || state.source === undefined) return undefined;
      if (state.version !== undefined && isSupportedVersion(state.version)) {
        return { level: 'PASS', message: `the Claude CLI is version ${state.version}` };
      }
      return {
        level: 'FAIL',
        message:
          state.version === undefined
            ? `${state.path} does not tell its version`
            : `the Claude CLI is version ${state.version}, and OCP needs ${MINIMUM_CLAUDE_VERSION} or newer`,
        cause:
          state.version === undefined
            ? 'it is not the Claude CLI, or its installation is broken'
            : `it was found as ${placeOf(state.source)}`,
        fix: `update it: ${install}, then ${ocp} restart`,
        commands: [install, `${ocp} restart`],
      };
    },
  },
  {
    id: 'cli_capabilities',
    means:
      'The CLI is new enough for everything that OCP can do with it; an older one that still works lacks some of it.',
    remedy: `Update the CLI: \`${install}\`, then \`ocp restart\`. docs/alignment-matrix.md shows what came when.`,
    kind: 'noop',
    async run({ claude, ocp }) {
      const state = await claude();
      if (!isUsable(state) || state.version === undefined) return undefined;
      const lacks = capabilityWarnings(state.version);
      if (lacks.length === 0) return { level: 'PASS', message: 'the Claude CLI can do all that OCP uses' };
      return { level: 'INFO', message: lacks.join('; '), fix: `update it: ${install}, then ${ocp} restart` };
    },
  },
  {
    id: 'cli_protocol',
    means: 'A process of the CLI starts and answers as a worker must. No call of the API is made.',
    remedy: `Update the CLI: \`${install}\`; on a machine that is short of memory or busy, look again.`,
    kind: 'fix_cli',
    async run({ claude, ocp }) {
      const state = await claude();
      if (!isUsable(state)) return undefined;
      const { problem } = await state.probe();
      if (problem === undefined) return { level: 'PASS', message: 'the Claude CLI speaks the protocol of a worker' };
      return {
        level: 'FAIL',
        message: problem,
        cause: `a process of ${state.path ?? 'the CLI'} did not answer a question of the worker protocol`,
        fix: `update it: ${install}, then ${ocp} restart`,
        commands: [install, `${ocp} restart`],
      };
    },
  },
  {
    id: 'models_known',
    means: 'Every model that the CLI lists is in the models.json of this OCP, with its window and price.',
    remedy: 'Nothing has to be done: such models work. `ocp update` brings what is missing.',
    kind: 'noop',
    async run({ claude, ocp }) {
      const state = await claude();
      if (!isUsable(state)) return undefined;
      const { problem, newModels } = await state.probe();
      if (problem !== undefined) return undefined;
      if (newModels.length === 0) return { level: 'PASS', message: 'every model of the CLI is known' };
      return {
        level: 'INFO',
        message: `the CLI offers models that this OCP does not know yet: ${newModels.join(', ')}`,
        cause: 'the CLI is newer than this OCP; they can be used, but OCP knows no window and no price of them',
        fix: `${ocp} update`,
      };
    },
  },
];

/** Whether a worker can be started with it at all. */
export function isUsable({ source, version }: ClaudeState): boolean {
  return source !== undefined && version !== undefined && isSupportedVersion(version);
}

function placeOf(source: NonNullable<ClaudeState['source']>): string {
  switch (source) {
    case 'CLAUDE_BIN':
      return 'CLAUDE_BIN';
    case 'PATH':
      return 'claude on the PATH';
    case 'package':
      return 'the one that npm installed with OCP';
  }
}
