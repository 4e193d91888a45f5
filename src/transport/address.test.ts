// Addresses: every form and back, and the name of what is wrong.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Address, formatAddress, parseAddress } from './address.ts'
import { AddressError } from './address-errors.ts'
import { listenHost } from './interfaces.ts'

const cases: readonly (readonly [string, Address, string?])[] = [
  ['tcp://127.0.0.1:5555', { scheme: 'tcp', host: '127.0.0.1', port: 5555 }],
  ['TCP://localhost:5555', { scheme: 'tcp', host: 'localhost', port: 5555 }, 'tcp://localhost:5555'],
  ['tcp://*:*', { scheme: 'tcp', host: '*', port: 0 }, 'tcp://*:0'],
  ['tcp://*:0', { scheme: 'tcp', host: '*', port: 0 }],
  ['tcp://eth0:80', { scheme: 'tcp', host: 'eth0', port: 80 }],
  ['tcp://eth0.1:80', { scheme: 'tcp', host: 'eth0.1', port: 80 }],
  ['tcp://[::1]:80', { scheme: 'tcp', host: '::1', port: 80 }],
  ['tcp://[fe80::1%eth0]:80', { scheme: 'tcp', host: 'fe80::1%eth0', port: 80 }],
  [
    'tcp://10.0.0.1:0;10.0.0.2:80',
    { scheme: 'tcp', host: '10.0.0.2', port: 80, source: { host: '10.0.0.1', port: 0 } },
  ],
  ['tls://a.example:443', { scheme: 'tls', host: 'a.example', port: 443 }],
  ['udp://239.0.0.1:9', { scheme: 'udp', host: '239.0.0.1', port: 9 }],
  ['ws://a:80', { scheme: 'ws', host: 'a', port: 80, path: '/' }, 'ws://a:80/'],
  ['ws://a:80/x/y?z=1', { scheme: 'ws', host: 'a', port: 80, path: '/x/y?z=1' }],
  ['ws://a:80?z=1', { scheme: 'ws', host: 'a', port: 80, path: '/?z=1' }, 'ws://a:80/?z=1'],
  ['wss://[::1]:*/x', { scheme: 'wss', host: '::1', port: 0, path: '/x' }, 'wss://[::1]:0/x'],
  ['ipc:///run/a.sock', { scheme: 'ipc', path: '/run/a.sock' }],
  ['ipc://a.sock', { scheme: 'ipc', path: 'a.sock' }],
  ['ipc://@abstract', { scheme: 'ipc', path: '@abstract' }],
  ['ipc://*', { scheme: 'ipc', path: '*' }],
  ['inproc://any name: even this', { scheme: 'inproc', name: 'any name: even this' }],
]

describe('addresses', () => {
  it.each(cases.map(([text, address, printed = text]) => [text, address, printed] as const))(
    '%s',
    (text, address, printed) => {
      expect(parseAddress(text)).toEqual(address)
      expect(formatAddress(address)).toBe(printed)
      expect(parseAddress(printed)).toEqual(address)
    },
  )

  it.each([
    ['', 'ADDRESS_SCHEME_MISSING', ''],
    ['localhost:80', 'ADDRESS_SCHEME_MISSING', ''],
    ['://a:1', 'ADDRESS_SCHEME_MISSING', ''],
    ['pgm://a:1', 'ADDRESS_SCHEME_UNKNOWN', 'pgm'],
    ['tcp://', 'ADDRESS_PORT_MISSING', ''],
    ['tcp://a', 'ADDRESS_PORT_MISSING', 'a'],
    ['tcp://a:', 'ADDRESS_PORT_MISSING', ''],
    ['tcp://[::1]', 'ADDRESS_PORT_MISSING', '[::1]'],
    ['tcp://:80', 'ADDRESS_HOST_INVALID', ''],
    ['tcp://::1:80', 'ADDRESS_HOST_INVALID', '::1'],
    ['tcp://[::g]:80', 'ADDRESS_HOST_INVALID', '[::g]'],
    ['tcp://[1.2.3.4]:80', 'ADDRESS_HOST_INVALID', '[1.2.3.4]'],
    ['tcp://a b:80', 'ADDRESS_HOST_INVALID', 'a b'],
    ['tcp://a:65536', 'ADDRESS_PORT_INVALID', '65536'],
    ['tcp://a:-1', 'ADDRESS_PORT_INVALID', '-1'],
    ['tcp://a:80/x', 'ADDRESS_PORT_INVALID', '80/x'],
    ['tcp://a:1;b', 'ADDRESS_PORT_MISSING', 'b'],
    ['ws://a:80/ü', 'ADDRESS_PATH_INVALID', '/ü'],
    ['ws://a:80/#x', 'ADDRESS_PATH_INVALID', '/#x'],
    ['ipc://', 'ADDRESS_PATH_INVALID', ''],
    ['ipc://@', 'ADDRESS_PATH_INVALID', '@'],
    ['inproc://', 'ADDRESS_NAME_INVALID', ''],
    [`inproc://${'x'.repeat(257)}`, 'ADDRESS_NAME_INVALID', 'x'.repeat(257)],
  ])('%s is refused', (text, code, part) => {
    const refusal = (() => {
      try {
        return parseAddress(text)
      } catch (error) {
        return error
      }
    })()
    expect(refusal).toBeInstanceOf(AddressError)
    expect(refusal).toMatchObject({ code, part, address: text })
  })

  it('are read or refused with AddressError, whatever the text', () => {
    const scheme = fc.constantFrom('tcp', 'tls', 'udp', 'ws', 'wss', 'ipc', 'inproc', 'x')
    fc.assert(
      fc.property(scheme, fc.string(), (start, rest) => {
        try {
          const address = parseAddress(`${start}://${rest}`)
          expect(parseAddress(formatAddress(address))).toEqual(address)
        } catch (error) {
          if (!(error instanceof AddressError)) throw error
        }
      }),
    )
  })
})

describe('listenHost', () => {
  const info = (family: 'IPv4' | 'IPv6', address: string) => ({
    ...{ address, netmask: '', mac: '', internal: false, cidr: null },
    ...(family === 'IPv4' ? { family } : { family, scopeid: 0 }),
  })
  const interfaces = {
    eth0: [info('IPv6', 'fd00::1'), info('IPv4', '10.0.0.1')],
    six: [info('IPv6', 'fd00::2')],
  }
  it.each([
    ['*', false, '0.0.0.0'],
    ['*', true, '::'],
    ['eth0', false, '10.0.0.1'],
    ['eth0', true, 'fd00::1'],
    ['six', true, 'fd00::2'],
    ['a.example', false, 'a.example'],
    ['::1', false, '::1'],
  ])('of %s with ipv6 %s is %s', (host, ipv6, expected) => {
    expect(listenHost(host, { ipv6 }, interfaces)).toBe(expected)
  })

  it('says that an interface has no address of the family', () => {
    expect(() => listenHost('six', {}, interfaces)).toThrow(AddressError)
  })
})
