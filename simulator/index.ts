export type {
  Answer,
  AnswerBlock,
  AnswerFault,
  ErrorAnswer,
  HangUpAnswer,
  MessageAnswer,
  SilentAnswer,
  StructuredAnswer,
} from './answers/answer.ts';
export {
  errorAnswer,
  promptTooLongAnswer,
  refusalAnswer,
  textAnswer,
  thinkingAnswer,
  toolAnswer,
} from './answers/answer.ts';
export type { Outcome, RequestLog, RequestRecord, WaitOptions } from './log.ts';
export type { Plan, PlanStatus, PlanWindow } from './plan.ts';
export type { SimulatedRequest } from './request.ts';
export type { Match, Rule, Script } from './rules/rule.ts';
export type { ThinkingBinding } from './validation/bound-thinking.ts';
export type { Simulator, SimulatorOptions } from './server.ts';
export { startSimulator } from './server.ts';
