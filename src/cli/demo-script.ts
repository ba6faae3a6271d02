/** What the demo asks, and what the simulator is told to answer. */

export const demoQuestion = 'Who are you, and what am I looking at?';

/** Broken into lines, because a terminal would break it in the middle of words. */
export const demoAnswer = `I am not Claude. I am the simulator that comes with OCP: I know this one
text, I cost nothing, and nothing you see here has left your machine.

Everything between you and me is real, though. The official openai package
sent your question to OCP. OCP handed it to the Claude CLI, which had been
started before you asked, so that you need not wait for its start. The CLI
called me as it would call Anthropic. And each of these words travels the
same way back at the moment I say it.

Log in with the CLI, start ./ocp serve, and Claude takes my place.`;

/** The port of the demo's OCP where nobody names one. */
export const defaultPort = 3456;
