import type { OfferedTool, SimulatedRequest } from '../request.ts';
import { isObject } from '../json.ts';
import type { Hint } from '../schema/value.ts';

interface Intent {
  /** What a prompt says that wants it. */
  readonly asks: RegExp;
  /** What a tool is called that does it. */
  readonly does: RegExp;
}

const intents: readonly Intent[] = [
  {
    asks: /\b(?:read|open|show|view|cat|look at|summari[sz]e)\b[^\n]*\.\w{1,5}\b/i,
    does: /read|view|open|cat\b|get_?file/i,
  },
  { asks: /\b(?:run|execute)\b|`[^`]+`/i, does: /bash|shell|exec|command|terminal|^run/i },
  { asks: /\b(?:write|create|save)\b[^\n]*\.\w{1,5}\b/i, does: /write|create|save/i },
  { asks: /\b(?:edit|change|replace|patch)\b[^\n]*\.\w{1,5}\b/i, does: /edit|patch|replace/i },
  { asks: /\blist\b[^\n]*\b(?:files|director|folder)/i, does: /list|^ls$|glob/i },
  { asks: /\b(?:search|grep|find)\b/i, does: /grep|search|find/i },
];

/** The tool that a prompt asks for, by name or by what it says; undefined when it asks for none. */
export function fittingTool(request: SimulatedRequest): OfferedTool | undefined {
  const text = request.lastUserText;
  const scored = request.tools.map((tool) => ({ tool, score: score(tool, text) })).sort((a, b) => b.score - a.score);
  const best = scored[0];
  if (best !== undefined && best.score > 0) return best.tool;
  return /\b(?:use|call|invoke)\b[^\n]*\btools?\b/i.test(text) ? best?.tool : undefined;
}

/** The tool that `tool_choice` forces; undefined when it leaves the choice to the model. */
export function forcedTool(request: SimulatedRequest): OfferedTool | undefined {
  const choice = request.body['tool_choice'];
  if (!isObject(choice)) return undefined;
  if (choice['type'] === 'any') return fittingTool(request) ?? request.tools[0];
  return choice['type'] === 'tool' ? request.tools.find((tool) => tool.name === choice['name']) : undefined;
}

function score(tool: OfferedTool, text: string): number {
  const named = new RegExp(String.raw`(?<![\w-])${escapeRegExp(tool.name)}(?![\w-])`);
  const words = tool.name.split(/[_-]+|(?<=[a-z])(?=[A-Z])/).filter((word) => word.length > 3);
  const spoken = words.filter((word) => new RegExp(String.raw`\b${escapeRegExp(word)}`, 'i').test(text)).length;
  const intended = intents.filter(({ asks, does }) => asks.test(text) && does.test(tool.name)).length;
  return (named.test(text) ? 10 : 0) + intended * 5 + spoken * 2;
}

/** What a prompt says that can fill a tool's arguments: a file's name, a command in back quotes, an address, a quotation. */
export function hintsFrom(text: string): Hint {
  const file = /(?:[\w.~-]*\/)*[\w-]+\.[A-Za-z]\w{0,4}\b/.exec(text)?.[0];
  const command = /`([^`]+)`/.exec(text)?.[1];
  const address = /https?:\/\/[^\s"'<>)]+/.exec(text)?.[0];
  const quoted = /["“]([^"”]+)["”]/.exec(text)?.[1];
  const place = /\b(?:in|for|of)\s+(\p{Lu}[\p{L}-]+(?:\s\p{Lu}[\p{L}-]+)*)/u.exec(text)?.[1];
  return (name) => {
    if (/path|file/i.test(name)) return file;
    if (/command|cmd|script/i.test(name)) return command ?? 'echo hello';
    if (/ur[il]|link|address/i.test(name)) return address;
    if (/city|location|place|country/i.test(name)) return place ?? quoted;
    return quoted;
  };
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
