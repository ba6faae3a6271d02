/** A text without the paths in it, which say something of this machine. */
export function withoutPaths(text: string): string {
  return text
    .replaceAll(/file:\/\/[^\s"'`]*/gu, '[path]')
    .replaceAll(/(?<![\w/.])~?\/(?!\/)(?:[^\s/"'`<>()[\]{},;:]+\/)+[^\s/"'`<>()[\]{},;:]*/gu, '[path]');
}
