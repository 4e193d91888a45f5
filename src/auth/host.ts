// One spelling for each IP address, so that an entry for `::1` also meets a peer that is written 0:0:0:0:0:0:0:1
// (as Java writes it), and an IPv4 peer on a dual-stack socket (::ffff:10.0.0.1) meets its IPv4 entry.

/** The address in its shortest spelling; what is no IPv6 address comes back as it is. */
export function canonicalHost(text: string): string {
  if (!text.includes(':')) return text
  const [address = ''] = text.split('%', 1)
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (!/^[0-9a-f:.]+$/i.test(address) || !URL.canParse(`http://[${address}]`)) return text
  return new URL(`http://[${address}]`).hostname.slice(1, -1)
}
