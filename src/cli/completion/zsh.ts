import type { KnownNames } from '../command.ts';
import type { CompletionNode, OptionOffer } from './tree.ts';
import { namesLine } from './tree.ts';

/** The script that makes zsh complete `ocp`; it can be evaluated, or lie as `_ocp` in a folder of `fpath`. */
export function zshCompletion(nodes: readonly CompletionNode[]): string {
  return [
    '#compdef ocp',
    '# zsh completion of ocp: eval "$(ocp completion zsh)", after compinit',
    ...nodes.flatMap((node) => functionOf(node)),
    'if [ "${funcstack[1]:-}" = _ocp ]; then',
    '  _ocp "$@"',
    'else',
    '  compdef _ocp ocp',
    'fi',
  ].join('\n');
}

function functionOf(node: CompletionNode): string[] {
  const { path, below, arguments: words } = node;
  const specs = [
    ...node.options.flatMap(optionSpecs),
    ...(below.length > 0 ? [`'1: :->first'`, `'*:: :->rest'`] : words.map(argumentSpec)),
  ];
  const head = [
    `${functionName(path)}() {`,
    '  local curcontext="$curcontext" state line ret=1',
    '  typeset -A opt_args',
  ];
  const all = specs.map((spec) => `    ${spec}`).join(' \\\n');
  if (below.length === 0) return [...head, '  _arguments -s \\', `${all} && ret=0`, '  return ret', '}'];
  const offers = [
    ...below.map(({ word, means }) => `${word.replaceAll(':', String.raw`\:`)}:${means}`),
    ...(words[0]?.choices ?? []),
  ];
  return [
    ...head,
    '  local -a offers',
    '  _arguments -C -s \\',
    `${all} && ret=0`,
    '  case $state in',
    '    first)',
    `      offers=(${offers.map(quoted).join(' ')})`,
    "      _describe -t commands 'ocp command' offers && ret=0",
    '      ;;',
    '    rest)',
    '      case $words[1] in',
    ...below.map(({ word }) => `        ${word}) ${functionName([...path, word])} && ret=0 ;;`),
    '      esac',
    '      ;;',
    '  esac',
    '  return ret',
    '}',
  ];
}

function optionSpecs({ word, short, means, takesValue, choices, known, isFile }: OptionOffer): string[] {
  const explained = `[${means
    .replaceAll('\\', '\\\\')
    .replaceAll('[', String.raw`\[`)
    .replaceAll(']', String.raw`\]`)
    .replaceAll(':', String.raw`\:`)}]`;
  const value = isFile ? ':file:_files' : `:value:${known === undefined ? among(choices) : asked(known)}`;
  const names = [word, ...(short === undefined ? [] : [`-${short}`])];
  return names.map((name) => {
    const equals = takesValue && name.startsWith('--') ? '=' : '';
    return quoted(`${name}${equals}${explained}${takesValue ? value : ''}`);
  });
}

function among(choices: readonly string[]): string {
  return choices.length === 0 ? ' ' : `(${choices.join(' ')})`;
}

/** An action that runs when Tab is pressed. */
function asked(known: KnownNames): string {
  return `{compadd -- \${(f)"$(${namesLine(known)})"}}`;
}

function argumentSpec({ name, choices, known, isRest }: CompletionNode['arguments'][number], place: number): string {
  const values = known === undefined ? among(choices) : asked(known);
  return quoted(`${isRest ? '*' : String(place + 1)}:${name}:${values}`);
}

function functionName(path: readonly string[]): string {
  return ['_ocp', ...path.map((word) => word.replaceAll('-', '_'))].join('_');
}

/** Text in single quotes, as shells read them. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
