import { shellWord } from '../../doctor/shell-word.ts';
import type { MachineBench, ServiceView } from './machine-bench.ts';

const UNIT = 'ocp-proxy.service';
const LABEL = 'dev.ocp.proxy';

/** The commands that bring the server back on this machine, as one would type them. */
export function bringBack({ machine, ocp }: MachineBench, { state }: ServiceView): readonly string[] {
  if (state.kind === 'background') return [`${ocp} ${state.isComing ? 'restart' : 'start'}`];
  if (!state.isInstalled) return [`${ocp} setup --yes`];
  if (state.kind === 'systemd') return ['systemctl --user daemon-reload', `systemctl --user restart ${UNIT}`];
  return [
    `launchctl bootout gui/${machine.uid}/${LABEL}`,
    `launchctl bootstrap gui/${machine.uid} ${shellWord(state.definition)}`,
  ];
}

/** The commands that take away another unit of OCP, by its file. */
export function takeAway(path: string, { machine }: MachineBench): readonly string[] {
  const file = path.split('/').at(-1) ?? '';
  if (path.endsWith('.plist')) {
    const isDaemon = path.startsWith('/Library/LaunchDaemons/');
    const domain = isDaemon ? 'system' : `gui/${machine.uid}`;
    const sudo = path.startsWith('/Library/') ? 'sudo ' : '';
    return [`${sudo}launchctl bootout ${domain}/${file.replace(/\.plist$/u, '')}`, `${sudo}rm ${shellWord(path)}`];
  }
  const isSystems = path.startsWith('/etc/') || path.startsWith('/usr/') || path.startsWith('/lib/');
  const systemctl = isSystems ? 'sudo systemctl' : 'systemctl --user';
  return [`${systemctl} disable --now ${file}`, `${isSystems ? 'sudo ' : ''}rm ${shellWord(path)}`];
}
