/** The model that OpenClaw uses where its owner has chosen none. */
export const usualModel = 'opus';
