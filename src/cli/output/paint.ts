import { styleText } from 'node:util';
import type { CommandIo } from '../command.ts';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Gives text a style, where the output may have any. */
export type Paint = (style: Style, text: string) => string;

/** How the output is painted: not at all in pipes and files, with NO_COLOR, and on terminals that cannot. */
export function painter({ terminal }: Pick<CommandIo, 'terminal'>): Paint {
  if (terminal?.colours !== true) return (_style, text) => text;
  return (style, text) => styleText(style, text, { validateStream: false });
}
