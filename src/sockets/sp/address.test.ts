// Addresses as nng writes them.

import { describe, expect, it } from 'vitest'
import { formatSpAddress, parseSpAddress } from './address.ts'

describe('addresses', () => {
  it.each([
    ['tcp://127.0.0.1:80', 'tcp://127.0.0.1:80'],
    ['tcp4://127.0.0.1:80', 'tcp://127.0.0.1:80'],
    ['tcp://:80', 'tcp://*:80'],
    ['tls+tcp://host:80', 'tls+tcp://host:80'],
    ['tls+tcp4://host:80', 'tls+tcp://host:80'],
    ['abstract://name', 'abstract://name'],
    ['ipc:///tmp/x', 'ipc:///tmp/x'],
    ['unix:///tmp/x', 'ipc:///tmp/x'],
    ['inproc://x', 'inproc://x'],
    ['ws://host:80/sp', 'ws://host:80/sp'],
    ['wss://host:80', 'wss://host:80/'],
  ])('%s', (text, shown) => expect(formatSpAddress(parseSpAddress(text))).toBe(shown))

  it.each(['udp://127.0.0.1:80', 'zt://x', 'tcp://', 'nothing'])('%s is refused', text =>
    expect(() => parseSpAddress(text)).toThrow(),
  )
})
