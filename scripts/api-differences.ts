/** What OCP does unlike the vendors' APIs, and why: the last part of docs/compatibility.md. */
export const apiDifferences: readonly (readonly [string, string, string])[] = [
  [
    '`thinking: {type: "enabled", budget_tokens}` on models without budgets',
    'becomes adaptive thinking at the nearest effort; `thinking.budget_tokens` is named in `x-ocp-ignored`',
    'the API refuses it, but clients that were written for older models send it to all',
  ],
  [
    '`thinking: {type: "disabled"}` on models whose only way to think less is `between_tools`',
    'becomes that; `thinking.type` is named',
    'the API has no other word for it',
  ],
  [
    '`thinking` blocks that nobody asked for, on Messages',
    'left out, so that the text is in `content[0]`; ask with `thinking` or `output_config.effort` to see them',
    'programs written for models that think only when asked read the first block',
  ],
  ['`reasoning_effort: "none"` on a model that always thinks', 'named in `x-ocp-ignored`', 'the model cannot be told'],
  [
    '`temperature`, `top_p`, `seed` and the like',
    'named in `x-ocp-ignored`',
    'the CLI has no means to pass them on, and recent models refuse them',
  ],
  [
    '`reasoning_content` in the history of Chat Completions',
    'named in `x-ocp-ignored`',
    "it has no signature of Anthropic's, without which the API takes no thinking back",
  ],
  [
    'Usage of an answer that OCP cut (a stop sequence, `parallel_tool_calls: false`)',
    'output tokens are estimated at four characters each',
    'Anthropic counts at the end of an answer only',
  ],
  [
    '`max_tokens` above what the model can write',
    "lowered to the model's own, and named in `x-ocp-ignored`",
    'the API refuses it; clients of OpenAI send numbers that fit no model of Claude',
  ],
  [
    'An assistant message at the end, to be gone on with (prefill)',
    'refused with 400 on every model',
    "the CLI answers messages of the user only; recent models take no prefill from anybody. The words are the API's",
  ],
  [
    '`thinking` blocks of the history that the API refuses, because something before them has changed',
    'left out, and the answer made without them. Where OCP has to do it, `messages (thinking)` is in `x-ocp-ignored`; the CLI ' +
      'mostly does it first by itself, and then nothing is named',
    'the CLI repeats such a request without the blocks and does not say so; where the API drops them silently, nobody is told',
  ],
  [
    'A request that the API refuses with 400',
    'the CLI can repeat it once, without an optional feature of its own; OCP never does',
    'the CLI cannot be told not to',
  ],
  [
    'A tool call that the token limit cuts',
    '`input: {}` in whole answers of Messages, the raw text in streams and in whole answers of Chat Completions and Responses',
    '`input` has to be an object there, and the half of one is none; `stop_reason` is `max_tokens`',
  ],
  [
    '`Retry-After` of a rate limit of the API',
    'never sooner than the API asked, up to a quarter later; 60 s where it asked for more than a minute',
    'the CLI passes on no headers of the API, only its own wait, which is up to a quarter longer, and none above a minute',
  ],
];
