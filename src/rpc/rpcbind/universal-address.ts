// Universal addresses (RFC 5665, section 5.2.3): host and port as text, the port as two more numbers behind points:
// 10.1.3.7.8.1 is port 2049 of 10.1.3.7; ::1.8.1 the same port of ::1. Of Unix-domain sockets it is the path.

import type { Place } from '../../transport/index.ts'

const pattern = /^(.+)\.(\d{1,3})\.(\d{1,3})$/
const ipv4 = /^\d{1,3}(\.\d{1,3}){3}$/
const ipv6 = /^[0-9a-fA-F:]+(\d{1,3}(\.\d{1,3}){3})?(%[\w.-]+)?$/

/** The text of a host, which is an IP address, and a port. */
export function universalAddress({ host, port }: Place): string {
  return `${host}.${port >> 8}.${port & 0xff}`
}

/** Host and port; undefined when the text is no universal address of IP. */
export function parseUniversalAddress(text: string): Place | undefined {
  const [, host = '', high = '', low = ''] = pattern.exec(text) ?? []
  const isAddress = isIpv4(host) || (host.includes(':') && ipv6.test(host))
  if (!isAddress || Number(high) > 255 || Number(low) > 255) return undefined
  return { host, port: Number(high) * 256 + Number(low) }
}

function isIpv4(host: string): boolean {
  return ipv4.test(host) && host.split('.').every(byte => Number(byte) <= 255)
}
