import { countLevel, showFinding } from '../../doctor/report.ts';
import type { Diagnosis, Mending } from './doctor.ts';
import type { MachineBench } from './machine-bench.ts';

/** What `ocp doctor --json` prints. Contract: `doctor --json` in section "CLI" of OCP's contract; `mended` is OCP's own. */
export async function doctorReport(
  { findings, latest, action }: Diagnosis,
  bench: MachineBench,
  mending?: Mending,
): Promise<Readonly<Record<string, unknown>>> {
  const { installation, now } = bench;
  const { state } = await bench.service();
  const failed = countLevel(findings, 'FAIL');
  const supported = findings.find(({ id }) => id === 'from_version_supported');
  const folder = findings.find(({ id }) => id === 'install_dir');
  return {
    schema_version: '1',
    timestamp: new Date(now()).toISOString(),
    ready_to_upgrade: failed === 0,
    current_version: installation.version ?? null,
    latest_version: latest?.version ?? null,
    from_version_supported: supported === undefined ? installation.version !== undefined : supported.level === 'PASS',
    install_dir: installation.folder,
    install_dir_source: installation.kind,
    install_dir_safe_to_replace: folder === undefined ? null : folder.level === 'PASS',
    units: [...(state.isInstalled ? [state.definition] : []), ...bench.otherUnits()],
    fail_count: failed,
    warn_count: countLevel(findings, 'WARN'),
    checks: findings.map(showFinding),
    next_action: action,
    ...(mending === undefined ? {} : { mended: mending }),
  };
}
