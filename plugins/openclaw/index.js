import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { ocpCommand } from './lib/command.js';

/** The plugin as OpenClaw loads it. Contract: OpenClaw's plugin SDK, `OpenClawPluginDefinition` and `registerCommand`. */
export default {
  id: 'ocp',
  name: 'OCP',
  description: 'The chat command /ocp: looks at an OCP server and administers it.',
  register(api) {
    const world = {
      env: process.env,
      home: homedir(),
      readFile: (path) => readFileSync(path, 'utf8'),
      fetch: (url, init) => fetch(url, init),
    };
    api.registerCommand(ocpCommand(api.pluginConfig ?? {}, world));
  },
};
