import { aider } from './aider.ts';
import { claudeCode } from './claude-code.ts';
import type { FileClient } from './client.ts';
import { cline } from './cline.ts';
import { codex } from './codex.ts';
import { continueDev } from './continue.ts';
import { crush } from './crush.ts';
import { goose } from './goose.ts';
import { kilo } from './kilo.ts';
import { libreChat } from './librechat.ts';
import { openClaw } from './openclaw.ts';
import { openCode } from './opencode.ts';
import { qwenCode } from './qwen-code.ts';
import { vsCode } from './vscode.ts';
import { zed } from './zed.ts';

/** Clients whose configuration is a file, in the order in which they are asked about. */
export const fileClients: readonly FileClient[] = [
  openClaw,
  openCode,
  codex,
  continueDev,
  cline,
  qwenCode,
  kilo,
  goose,
  crush,
  aider,
  zed,
  vsCode,
  libreChat,
  claudeCode,
];
