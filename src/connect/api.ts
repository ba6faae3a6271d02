/** The APIs that clients speak. */
export const apis = ['chat', 'responses', 'messages'] as const;
export type Api = (typeof apis)[number];
