// What addresses use of node:net, in the bundle: the browser looks at IPv6 addresses itself.

export function isIPv6(host: string): boolean {
  return /^[\da-f:.]{2,45}$/i.test(host) && host.includes(':')
}
