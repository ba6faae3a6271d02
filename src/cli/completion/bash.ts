import type { KnownNames } from '../command.ts';
import type { CompletionNode } from './tree.ts';
import { namesLine } from './tree.ts';

/** The script that makes bash (3.2 or newer) complete `ocp`. */
export function bashCompletion(nodes: readonly CompletionNode[]): string {
  const known = nodes.filter(({ path }) => path.length > 0);
  const valued = nodes.flatMap((node) =>
    node.options
      .filter(({ takesValue }) => takesValue)
      .flatMap(({ word, short }) => [word, ...(short === undefined ? [] : [`-${short}`])])
      .map((option) => pattern(node.path, option)),
  );
  return `# bash completion of ocp: eval "$(ocp completion bash)"
_ocp() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous='' path='' word='' index=1 position=0 words=''
  COMPREPLY=()
  while [ "$index" -lt "$COMP_CWORD" ]; do
    word=\${COMP_WORDS[index]}
    previous=''
    case "$position$path/$word" in
${arm(
  known.map(({ path }) => `'0/${path.join('/')}'`),
  'path="$path/$word"',
  6,
)}
      *)
        case "$path:$word" in
${arm(valued, 'previous=$word; index=$((index + 1))', 10)}
          *:-*) ;;
          *) position=$((position + 1)) ;;
        esac
        ;;
    esac
    index=$((index + 1))
  done
  # The option before this word, where it wants a value.
  if [ "$index" -gt "$COMP_CWORD" ] && [ -n "$previous" ]; then
    case "$path:$previous" in
${valueArms(nodes)}
      *) return ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    return
  fi
  case "$current" in
    -*)
      case "$path" in
${nodes.map(({ path, options }) => arm([`'${slashed(path)}'`], `words='${options.map(({ word }) => word).join(' ')}'`, 8)).join('\n')}
      esac
      ;;
    *)
      case "$path:$position" in
${wordArms(nodes)}
      esac
      ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _ocp ocp ./ocp`;
}

function valueArms(nodes: readonly CompletionNode[]): string {
  return nodes
    .flatMap(({ path, options }) =>
      options.flatMap(({ word, short, choices, known, isFile }) => {
        const patterns = [word, ...(short === undefined ? [] : [`-${short}`])].map((option) => pattern(path, option));
        if (isFile) return [arm(patterns, 'COMPREPLY=($(compgen -f -- "$current")); return', 6)];
        if (known !== undefined) return [arm(patterns, asked(known), 6)];
        return choices.length === 0 ? [] : [arm(patterns, `words='${choices.join(' ')}'`, 6)];
      }),
    )
    .join('\n');
}

/** What may stand in each place: the words below a command, and the choices of its arguments. */
function wordArms(nodes: readonly CompletionNode[]): string {
  return nodes
    .flatMap(({ path, below, arguments: words }) => {
      const places = Math.max(words.length, 1);
      return [...Array(places).keys()].flatMap((place) => {
        const offered = [...(place === 0 ? below.map(({ word }) => word) : []), ...(words[place]?.choices ?? [])];
        const where = words[place]?.isRest === true ? `'${slashed(path)}:'*` : `'${slashed(path)}:${place}'`;
        const known = words[place]?.known;
        if (offered.length === 0 && known !== undefined) return [arm([where], asked(known), 8)];
        return offered.length === 0 ? [] : [arm([where], `words='${offered.join(' ')}'`, 8)];
      });
    })
    .join('\n');
}

function asked(known: KnownNames): string {
  return `words=$(${namesLine(known)})`;
}

function pattern(path: readonly string[], option: string): string {
  return `'${slashed(path)}:${option}'`;
}

function slashed(path: readonly string[]): string {
  return path.map((word) => `/${word}`).join('');
}

function arm(patterns: readonly string[], does: string, indent: number): string {
  return patterns.length === 0 ? '' : `${' '.repeat(indent)}${patterns.join(' | ')}) ${does} ;;`;
}
