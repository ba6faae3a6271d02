import { existsSync } from 'node:fs';
import { inspectConfigFile } from '../../config/config-file.ts';
import { ocpHome } from '../../config/configuration.ts';
import type { Machine } from '../machine.ts';
import { backgroundService } from './background.ts';
import { launchdService } from './launchd.ts';
import type { Service, ServiceKind, ServiceOptions, ServiceState } from './service.ts';
import { serviceBy } from './service.ts';
import { hasSystemd, systemdService, systemdUnitPath } from './systemd.ts';

/** What this machine has: launchd, a systemd of the user that answers or has OCP's unit already, else neither. */
export async function serviceKind(machine: Machine): Promise<ServiceKind> {
  if (machine.platform === 'darwin') return 'launchd';
  if (existsSync(systemdUnitPath(machine)) || (await hasSystemd(machine))) return 'systemd';
  return 'background';
}

/** The service by which OCP runs on this machine. */
export async function chooseService(options: ServiceOptions): Promise<Service> {
  const ways = { systemd: systemdService, launchd: launchdService, background: backgroundService };
  return serviceBy(ways[await serviceKind(options.machine)](options), options.machine);
}

/** How the service of this machine is doing. Raises ConfigError where OCP_HOME is unusable. */
export async function serviceState(machine: Machine): Promise<ServiceState> {
  const home = ocpHome(machine.env, machine.home);
  return (await chooseService({ machine, ocpHome: home, file: inspectConfigFile(home).values })).state();
}
