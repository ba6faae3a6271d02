import { actionKinds, kindTexts } from '../src/doctor/action-kinds.ts';
import type { ActionKind } from '../src/doctor/action-kinds.ts';

/** A check as far as the page shows it. */
export interface DocumentedCheck {
  readonly id: string;
  readonly means: string;
  readonly remedy: string;
  readonly kind: ActionKind;
}

/** The page about faults as Markdown: how to look for them, what is looked at, and what each kind of action asks for. */
export function troubleshootingPage(checks: readonly DocumentedCheck[]): string {
  return [
    '# When something does not work',
    '',
    '<!-- Written by `npm run docs` from the checks in src/doctor and src/host/doctor and from scripts/troubleshooting-docs.ts;',
    'changes made here are lost. -->',
    '',
    '```sh',
    'ocp doctor          # what is wrong, why, and what to do on this machine',
    'ocp doctor --fix    # mends what can be mended without losing anything, and looks again',
    'ocp doctor --turn   # also asks Claude a small question through the running server',
    '```',
    '',
    'Every line is `PASS`, `INFO` (worth knowing), `WARN` (it works, but not as it should, or not for long) or `FAIL` (something',
    'does not work). What is wrong comes with its cause and with what to do. The command ends with 1 when something has failed.',
    'The dashboard and `GET /api/doctor` show what the server can see of itself.',
    '',
    '## With an AI assistant',
    '',
    'Give it this:',
    '',
    '> Run `ocp doctor --json` and follow its `next_action`: run the commands of `ai_executable` as they are, in their order,',
    '> then the command of `verify`, and go on until its kind is `noop`. Ask me about everything in `human_required` first; do',
    '> nothing else to OCP, and show me no keys.',
    '',
    '`next_action` is the most urgent thing to do; what else is wrong follows when that is done.',
    '',
    '| `kind` | What it asks for |',
    '|---|---|',
    ...actionKinds.map((kind) => `| \`${kind}\` | ${cell(kindTexts[kind])} |`),
    '',
    '## What is looked at',
    '',
    '`ocp doctor --check ID` looks at one thing alone; `--check oauth` does as well as `--check oauth_ok`. The last column is',
    'the `kind` when it has failed.',
    '',
    '| `id` | What it means | What to do | `kind` |',
    '|---|---|---|---|',
    ...checks.map(({ id, means, remedy, kind }) => `| \`${id}\` | ${cell(means)} | ${cell(remedy)} | \`${kind}\` |`),
    '',
    '`--fix` sets file modes, clears away what a killed OCP left, makes a missing admin key, removes units of earlier products,',
    "writes the service's definition anew, and starts a server that has stopped. It never touches the database, the",
    'configuration or a login.',
    '',
    '## When that is not enough',
    '',
    '- `ocp logs 50 warn` shows what the server wrote down; `~/.ocp/logs/proxy.log` what a server wrote that did not start.',
    '- An answer of OCP that is an error says in its `code` what is wrong; [api.md](api.md) lists the codes.',
    '- Where you ask others for help, give them the output of `ocp doctor --json`. It holds paths of your machine, but no key.',
    '',
  ].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', String.raw`\|`);
}
