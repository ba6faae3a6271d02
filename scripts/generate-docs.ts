import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { ClientResult } from '../clients/support/results.ts';
import { commands } from '../src/cli/commands.ts';
import { variables } from '../src/config/variables.ts';
import { fileClients } from '../src/connect/clients/clients.ts';
import { hintedClients } from '../src/connect/clients/hinted.ts';
import { machineChecks } from '../src/host/doctor/doctor.ts';
import { everyChaos } from '../endurance/chaos/every.ts';
import { readResults as readRuns } from '../endurance/support/results.ts';
import { apiPage } from './api-docs.ts';
import { commandsPage, commandTable } from './commands-docs.ts';
import { compatibilityPage } from './compatibility-docs.ts';
import { clientNotes } from './compatibility-notes.ts';
import { clientTables } from './connect-docs.ts';
import { chaosTable, runsTable } from './reliability-docs.ts';
import { troubleshootingPage } from './troubleshooting-docs.ts';
import { configurationPage, replaceMarked, summaryTable } from './variables-docs.ts';
import { endpointRows } from '../alignment/rows/endpoints.ts';
import { rows } from '../alignment/rows/index.ts';
import { readResults } from '../alignment/matrix/results.ts';
import { capabilities } from '../src/claude/capabilities.ts';
import { loadModels } from '../src/claude/models.ts';
import { alignmentPage } from './alignment-docs.ts';
import { matrixPage } from './matrix-docs.ts';
import { modelsPage, modelsSchema } from './models-docs.ts';

/**
 * Writes what the documentation says about the environment variables from the table that OCP reads them by
 * (docs/configuration.md, and the table in README.md), about the commands from their definitions (docs/commands.md, and the
 * table in README.md), about endpoints, errors, settings and metrics from a server (docs/api.md), about faults from the checks of
 * doctor (docs/troubleshooting.md), about tools from what connecting knows of them (docs/connect.md), and about clients from the
 * results of trying them (docs/compatibility.md). With `--check` it writes nothing and ends with 1 when they differ.
 */

const root = resolve(import.meta.dirname, '..');
const { values } = parseArgs({ options: { check: { type: 'boolean' } } });

const results = JSON.parse(await readFile(join(root, 'clients/results.json'), 'utf8')) as readonly ClientResult[];
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
const models: unknown = JSON.parse(await readFile(join(root, 'models.json'), 'utf8'));
const api = await apiPage();
const outdated: string[] = [];
for (const [file, render] of [
  ['ALIGNMENT.md', () => alignmentPage(rows, endpointRows)],
  ['docs/alignment-matrix.md', () => matrixPage(readResults(), Object.values(capabilities))],
  ['docs/models.md', () => modelsPage(loadModels(models))],
  ['models.schema.json', modelsSchema],
  ['docs/configuration.md', () => configurationPage(variables)],
  ['docs/api.md', () => api],
  ['docs/compatibility.md', () => compatibilityPage(results, clientNotes, version)],
  ['docs/connect.md', (text: string) => replaceMarked(text, 'clients', clientTables(fileClients, hintedClients))],
  ['docs/commands.md', () => commandsPage(commands)],
  ['docs/troubleshooting.md', () => troubleshootingPage(machineChecks)],
  [
    'docs/reliability.md',
    (text: string) =>
      replaceMarked(replaceMarked(text, 'chaos', chaosTable(everyChaos)), 'runs', runsTable(readRuns())),
  ],
  [
    'README.md',
    (text: string) =>
      replaceMarked(replaceMarked(text, 'commands', commandTable(commands)), 'variables', summaryTable(variables)),
  ],
] as const) {
  const path = join(root, file);
  const present = await readFile(path, 'utf8').catch(() => '');
  const wanted = render(present);
  if (wanted === present) continue;
  outdated.push(file);
  if (values.check !== true) await writeFile(path, wanted);
}

if (outdated.length > 0 && values.check === true) {
  console.error(`${outdated.join(' and ')}: not as the code has it; npm run docs writes it anew`);
  process.exitCode = 1;
}
