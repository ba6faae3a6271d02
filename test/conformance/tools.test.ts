import './tools/abandoned-calls.ts';
import './tools/call-ids.ts';
import './tools/mapped-tools.ts';
import './tools/tool-calls.ts';
import './tools/tool-choice.ts';
import './tools/tool-definitions.ts';
import './tools/tool-results.ts';
