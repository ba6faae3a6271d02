import { layoutOf } from './text.ts';

const begin = '# >>> ocp >>>';
const end = '# <<< ocp <<<';

/** The block of ours in a text, with the blank line before it; and the block that earlier versions of ocp-connect wrote. */
const blocks = [
  /(?<=^|\n)(?:\r?\n(?=#))?# >>> ocp >>>\r?\n[\s\S]*?# <<< ocp <<<(?:\r?\n|$)/u,
  /(?<=^|\n)(?:\r?\n(?=#))?# OCP LAN \(added by ocp connect\)[^\n]*(?:\r?\n(?:export |set -gx )?(?:OPENAI|ANTHROPIC)_[A-Z_]+[= ][^\r\n]*)*(?:\r?\n|$)/u,
];

/** Puts these lines into the text as one marked block, in place of the one that is there or at the end. */
export function withBlock(text: string, lines: readonly string[]): string {
  const { eol } = layoutOf(text);
  const block = [begin, ...lines, end].join(eol) + eol;
  const present = blocks.map((pattern) => pattern.exec(text)).find((match) => match !== null);
  if (present === undefined) {
    const gap = text === '' ? '' : text.endsWith('\n') ? eol : eol + eol;
    return `${text}${gap}${block}`;
  }
  const before = text.slice(0, present.index);
  const gap = /^\r?\n/u.exec(present[0])?.[0] ?? '';
  return `${before}${gap}${block}${withoutBlock(text.slice(present.index + present[0].length))}`;
}

/** Takes every block of ours out of the text. */
export function withoutBlock(text: string): string {
  return blocks.reduce((rest, pattern) => rest.replaceAll(new RegExp(pattern, 'gu'), ''), text);
}
