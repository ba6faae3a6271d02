/** A tool result whose call is not in its own request. Only a conversation that the server remembers can hold the call. */
export interface OpenResult {
  /** The `tool_use` id that the result names; of a legacy function's result, the function's name. */
  readonly id: string;
  /** What is wrong with it when no such call is remembered, for the client. */
  readonly problem: string;
  /** Its place in the request. */
  readonly param: string;
}
