import type { CompletionNode } from './tree.ts';
import { namesLine } from './tree.ts';

/** The script that makes fish complete `ocp`. */
export function fishCompletion(nodes: readonly CompletionNode[]): string {
  const paths = nodes.flatMap(({ path }) => (path.length === 0 ? [] : [quoted(path.join(' '))]));
  const valued = nodes.flatMap(({ options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .flatMap(({ word, short }) => [word, ...(short === undefined ? [] : [`-${short}`])]),
  );
  return [
    '# fish completion of ocp: ocp completion fish | source',
    '# Prints the command that is written so far, and how many words stand behind it.',
    'function __ocp_place',
    '    set -l path',
    '    set -l position 0',
    '    set -l is_value 0',
    '    for word in (commandline -opc)[2..-1]',
    '        if test $is_value = 1',
    '            set is_value 0',
    '            continue',
    '        end',
    '        set -l next (string join -- " " $path $word)',
    `        if test $position = 0; and contains -- "$next" ${paths.join(' ')}`,
    '            set -a path $word',
    `        else if contains -- $word ${[...new Set(valued)].join(' ')}`,
    '            set is_value 1',
    '        else if not string match -q -- "-*" $word',
    '            set position (math $position + 1)',
    '        end',
    '    end',
    '    echo "$path:$position"',
    'end',
    'function __ocp_at',
    '    string match -q -- "$argv[1]:*" (__ocp_place)',
    'end',
    'function __ocp_word',
    '    test (__ocp_place) = "$argv[1]:$argv[2]"',
    'end',
    'complete -c ocp -e',
    'complete -c ocp -f',
    ...nodes.flatMap(lines),
  ].join('\n');
}

function lines({ path, below, options, arguments: words }: CompletionNode): string[] {
  const name = path.join(' ');
  const at = `complete -c ocp -n ${quoted(`__ocp_at ${quoted(name)}`)}`;
  const inPlace = (place: number): string => `complete -c ocp -n ${quoted(`__ocp_word ${quoted(name)} ${place}`)}`;
  return [
    ...below.map(({ word, means }) => `${inPlace(0)} -a ${quoted(word)} -d ${quoted(means)}`),
    ...words.flatMap(({ choices, known, isRest }, place) => {
      const offers = known === undefined ? choices.join(' ') : `(${namesLine(known)})`;
      return offers === '' ? [] : [`${isRest ? at : inPlace(place)} -a ${quoted(offers)}`];
    }),
    ...options.map(({ word, means, short, takesValue, choices, known, isFile }) =>
      [
        at,
        `-l ${word.slice(2)}`,
        ...(short === undefined ? [] : [`-s ${short}`]),
        ...(takesValue ? [isFile ? '-r -F' : '-x'] : []),
        ...(choices.length === 0 ? [] : [`-a ${quoted(choices.join(' '))}`]),
        ...(known === undefined ? [] : [`-a ${quoted(`(${namesLine(known)})`)}`]),
        `-d ${quoted(means)}`,
      ].join(' '),
    ),
  ];
}

/** Text in single quotes, as fish reads them. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`;
}
