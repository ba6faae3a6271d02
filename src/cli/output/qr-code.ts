import { encode } from 'uqr';
import type { CommandIo } from '../command.ts';

/** Free space around the code, in modules: cameras need it. */
const BORDER = 2;

/**
 * A text as a QR code for a phone's camera, two rows of it on one line. Undefined where the terminal is too narrow. With
 * colours it is black on white; without, the light parts are drawn, as on a dark terminal.
 */
export function qrLines(text: string, terminal: CommandIo['terminal']): string[] | undefined {
  const { data } = encode(text, { border: BORDER });
  const width = data[0]?.length ?? 0;
  if (terminal !== undefined && terminal.columns() < width) return undefined;
  const isColoured = terminal?.colours === true;
  const lines: string[] = [];
  for (let row = 0; row < data.length; row += 2) {
    const blocks = [...Array(width).keys()]
      .map((column) => {
        const upper = data[row]?.[column] === true;
        // Below the last row the paper goes on.
        const lower = data[row + 1]?.[column] === true;
        return isColoured ? block(upper, lower) : block(!upper, !lower);
      })
      .join('');
    lines.push(isColoured ? `\u001b[38;5;16;48;5;231m${blocks}\u001b[0m` : blocks);
  }
  return lines;
}

function block(upper: boolean, lower: boolean): string {
  if (upper) return lower ? '█' : '▀';
  return lower ? '▄' : ' ';
}
