import { OcpFailure } from './client.js';
import { isOwner, ownerHint } from './owner.js';
import { subcommands } from './subcommands.js';
import { fenced } from './text.js';

/**
 * The definition of `/ocp` for `registerCommand`. What only looks is for everybody who may use commands; what administers OCP,
 * or shows what others do with it, is for the owner. `world` is what it reaches: env, home, readFile and fetch.
 */
export function ocpCommand(config, world) {
  return {
    name: 'ocp',
    description: 'OCP: status, usage, models, health, keys, settings, sessions, logs',
    acceptsArgs: true,
    requireAuth: true,
    // Hosts that tell a plugin of its own who the owner is are asked for it; the others ignore this.
    exposeSenderIsOwner: true,
    handler: async (context) => fenced(await answer(context, config, world)),
  };
}

async function answer(context, config, world) {
  const words = (typeof context.args === 'string' ? context.args : '').trim().split(/\s+/).filter(Boolean);
  const found = find(words);
  if (found === undefined) return `There is no /ocp ${words[0]}.\n\n${help()}`;
  const { subcommand, rest } = found;
  if (subcommand.isForOwner === true && !isOwner(context, ownersOf(config))) return ownerHint(context);
  try {
    // The host's own check, where it has one: an owner may have been removed since the command came in.
    if (subcommand.changes === true) context.assertOwnerCurrent?.();
    return await subcommand.run({ words: rest, context, config, world });
  } catch (error) {
    if (error instanceof OcpFailure) return error.message;
    throw error;
  }
}

function ownersOf(config) {
  return Array.isArray(config.owners) ? config.owners.filter((entry) => typeof entry === 'string') : [];
}

/** The subcommand that the words name, two words before one; without any, the help. */
function find(words) {
  const [first = 'help', second = ''] = words.map((word) => word.toLowerCase());
  if (first === 'help') return { subcommand: { run: () => help() }, rest: [] };
  const two = subcommands[`${first} ${second}`];
  if (two !== undefined) return { subcommand: two, rest: words.slice(2) };
  const one = Object.hasOwn(subcommands, first) ? subcommands[first] : undefined;
  return one === undefined ? undefined : { subcommand: one, rest: words.slice(1) };
}

function help() {
  const rows = Object.values(subcommands).map(({ usage, summary, isForOwner }) => [
    usage,
    `${summary}${isForOwner === true ? ' *' : ''}`,
  ]);
  const width = Math.max(...rows.map(([usage]) => usage.length));
  return [...rows.map(([usage, summary]) => `/ocp ${usage.padEnd(width)}  ${summary}`), '', '* for the owner'].join(
    '\n',
  );
}
