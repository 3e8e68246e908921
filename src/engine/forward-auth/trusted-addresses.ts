import { BlockList, isIP } from 'node:net';

/** What is wrong with an address or CIDR range; undefined where nothing is. */
export function addressFault(text: string): string | undefined {
  const range = rangeOf(text);
  if (!range) return `'${text}' is no IP address and no CIDR range, such as 10.1.2.0/24.`;
  return range.length === 0 ? 'a range of all addresses trusts everybody.' : undefined;
}

/** Whether a socket's address is one of these. */
export function isAmong(ranges: readonly string[], address: string): boolean {
  const list = new BlockList();
  for (const range of ranges.map(rangeOf)) if (range) list.addSubnet(range.address, range.length, range.family);
  const plain = withoutMapping(address);
  const version = isIP(plain);
  return version !== 0 && list.check(plain, version === 4 ? 'ipv4' : 'ipv6');
}

function rangeOf(text: string) {
  const [, address, length] = /^([0-9A-Fa-f:.]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address ?? '');
  if (address === undefined || version === 0) return undefined;
  const longest = version === 4 ? 32 : 128;
  const bits = length === undefined ? longest : Number(length);
  if (bits > longest) return undefined;
  return { address, length: bits, family: version === 4 ? ('ipv4' as const) : ('ipv6' as const) };
}

/** An IPv4 peer of a socket that listens on IPv6 too. */
function withoutMapping(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}
