/** The name under which setup on the server's own machine lists the models in OpenClaw. */
export const localProvider = 'claude-local';
