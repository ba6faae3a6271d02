import { join } from 'node:path';
import type { ActionKind } from '../../../src/doctor/action-kinds.ts';
import { errorAnswer } from '../../../simulator/index.ts';
import { packageRoot } from '../../support/ocp.ts';
import { fakeExecutable } from '../../support/temporary.ts';
import type { Fault } from './fault.ts';
import { configured, definition } from './fault.ts';
import { must } from './place.ts';

const realCli = join(packageRoot, 'node_modules/.bin/claude');

/** A CLI that is a script of its own. */
function otherCli(script: string): Fault['make'] {
  return ({ configure, folder }) => configure({ CLAUDE_BIN: fakeExecutable(join(folder, 'other/claude'), script) });
}

/** What only the CLI can say. */
export const aboutCli: readonly (readonly [ActionKind, Fault])[] = [
  [
    'fix_cli',
    {
      name: 'the Claude CLI is missing',
      make: configured({ CLAUDE_BIN: '/nowhere/claude' }),
      check: 'cli_present',
      level: 'FAIL',
      says: /CLAUDE_BIN is "\/nowhere\/claude"/,
      also: [definition],
      mend: 'hand',
    },
  ],
  [
    'fix_cli',
    {
      name: 'the Claude CLI is too old',
      make: otherCli('echo "2.1.100 (Claude Code)"'),
      check: 'cli_version',
      level: 'FAIL',
      says: /version 2\.1\.100, and OCP needs 2\.1\.\d+/,
      also: [definition],
      mend: 'hand',
    },
  ],
  [
    'fix_cli',
    {
      name: 'the Claude CLI does not speak the protocol',
      make: otherCli(`case "$*" in *stream-json*) exit 1 ;; *) exec '${realCli}' "$@" ;; esac`),
      check: 'cli_protocol',
      level: 'FAIL',
      says: /does not speak the protocol/,
      also: [definition],
      mend: 'hand',
    },
  ],
  [
    'fix_oauth',
    {
      name: 'nobody is logged in',
      make: configured({ ANTHROPIC_API_KEY: undefined, OCP_CLAUDE_ENV: 'ANTHROPIC_BASE_URL' }),
      check: 'oauth_ok',
      level: 'FAIL',
      says: /not logged in/,
      mend: 'hand',
    },
  ],
  [
    'fix_oauth',
    {
      name: 'a key is bound to a profile that nobody has logged in',
      async make(place) {
        await must(place.here('profiles add bob'));
        await must(place.here('keys add bob --profile bob'));
        return async () => {
          await must(place.here('keys revoke bob'));
          await must(place.here('profiles remove bob'));
        };
      },
      check: 'profiles_ok',
      level: 'FAIL',
      says: /not logged in: bob.*are refused/,
      mend: 'hand',
    },
  ],
];

export const refusedTurn: Fault = {
  name: 'Anthropic refuses what it is asked',
  make({ simulator }) {
    simulator.setScript([{ reply: errorAnswer(400, { message: 'no such thing' }) }]);
    return () => simulator.setScript([]);
  },
  check: 'real_turn',
  level: 'FAIL',
  says: /the server answered 400: .*no such thing/,
  mend: 'hand',
};
