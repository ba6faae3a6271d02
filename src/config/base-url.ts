/** An address that works when it is pasted into a tool on this machine: `http://127.0.0.1:3456`. */
export function baseUrl(address: string, port: number): string {
  const reachable = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}
