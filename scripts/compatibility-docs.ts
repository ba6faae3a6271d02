import { alterations } from '../src/claude/form/alterations.ts';
import { apiDifferences } from './api-differences.ts';
import type { SettingsFile } from '../clients/settings/settings-file.ts';
import type { ClientResult } from '../clients/support/results.ts';
import type { ClientNotes } from './compatibility-notes.ts';

/** The page about clients as Markdown: what was tried, what came of it, and how each client is set up; `ocp` is OCP's version. */
export function compatibilityPage(
  results: readonly ClientResult[],
  notes: readonly ClientNotes[],
  ocp: string,
): string {
  return [
    '# Compatibility',
    '',
    '<!-- Written by `npm run docs` from clients/results.json, src/connect/clients and scripts/compatibility-notes.ts; changes',
    'made here are lost. -->',
    '',
    'These clients are run as their users run them, without a terminal, through OCP and the real Claude CLI against the',
    'simulator of the Anthropic API (`npm run test:clients`). Each one has to read a file with its own tool, tell what is in',
    'it, and remember that in a second turn. A client passes when it ends well and tells the right word; when the API saw',
    'the call and its result as native blocks, the history included; and when it saw one call for each request of the',
    'client, no more.',
    '',
    '| Client | Version | API | What it does | Passes | Requests |',
    '|---|---|---|---|---|---|',
    ...results.map((result) => row(result, ocp)),
    '',
    `Each run tries a part of the clients; a row says so where its client was not tried with this version, ${ocp}.`,
    'Counted are the requests that offer tools; some clients make others on the side, such as one for the title of a session.',
    "Unless the notes say otherwise, the tool's result and the second turn go on in the worker that holds the conversation",
    'already. Programs that are published for each platform apart are those for Linux on x64.',
    '',
    ...notes.flatMap(section),
    "## Where OCP differs from the vendors' APIs",
    '',
    '| What | OCP | Why |',
    '|---|---|---|',
    ...apiDifferences.map(([what, ocp, why]) => `| ${what} | ${ocp} | ${why} |`),
    '',
    '## What the Claude CLI alters, and what OCP does about it',
    '',
    'The CLI passes on system prompts, messages and the schema of an answer as they are. What it alters was found by comparing what it',
    'was told with what it sent; a test of the CLI alone holds each row. *Mapped*: sent under another name, and mapped back in the',
    'answer. *Named*: in `x-ocp-ignored`. *Refused*: a 400 that names the place. *Avoided*: never told to the CLI in that way.',
    '',
    '| What | The CLI | OCP |',
    '|---|---|---|',
    ...alterations.map(({ what, cli, ocp, how }) => `| ${what} | ${cli} | ${ocp}: ${how} |`),
    '',
  ].join('\n');
}

const paths: Readonly<Record<string, string>> = {
  'openai-chat': '`/v1/chat/completions`',
  'openai-responses': '`/v1/responses`',
  'anthropic-messages': '`/v1/messages`',
};

function row(result: ClientResult, ocp: string): string {
  const { client, version, surface, asked, requests } = result;
  const outcome = result.passed ? 'yes' : '**no**';
  const passes = result.ocp === ocp ? outcome : `not tried with ${ocp}; with ${result.ocp}: ${outcome}`;
  return `| ${client} | ${version} | ${paths[surface] ?? surface} | ${asked} | ${passes} | ${requests} |`;
}

function section({ client, text, settings }: ClientNotes): string[] {
  return [`## ${client}`, '', ...(settings === undefined ? [] : settingsBlock(settings)), text, ''];
}

function settingsBlock({ path, language, text }: SettingsFile): string[] {
  return [`\`~/${path}\`:`, '', `\`\`\`${language}`, text.trimEnd(), '```', ''];
}
