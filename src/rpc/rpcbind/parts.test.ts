// The pure parts of rpcbind: universal addresses, the table of registrations, and which address a caller is told.

import { describe, expect, it } from 'vitest'
import type { Registration } from './programs.ts'
import { type Interfaces, reachable } from './reachable.ts'
import { RegistrationTable, SUPERUSER } from './table.ts'
import { parseUniversalAddress, universalAddress } from './universal-address.ts'

describe('a universal address (RFC 5665, section 5.2.3)', () => {
  it.each([
    ['10.1.3.7.8.1', '10.1.3.7', 2049],
    ['0.0.0.0.0.111', '0.0.0.0', 111],
    ['::1.255.255', '::1', 65_535],
    ['fe80::1%eth0.0.111', 'fe80::1%eth0', 111],
    ['::ffff:10.1.3.7.8.1', '::ffff:10.1.3.7', 2049],
  ])('%s is read and written', (text, host, port) => {
    expect(parseUniversalAddress(text)).toEqual({ host, port })
    expect(universalAddress({ host, port })).toBe(text)
  })

  it.each([
    '',
    '10.1.3.7',
    '10.1.3.7.8',
    '10.1.3.256.8.1',
    '10.1.3.7.256.1',
    '10.1.3.7.8.-1',
    '/run/x.0.1',
    'a.b.0.1',
  ])('%j is none', text => expect(parseUniversalAddress(text)).toBeUndefined())
})

const registration = (parts: Partial<Registration>): Registration => ({
  ...{ program: 7, version: 1, netid: 'tcp', address: '127.0.0.1.1.1', owner: '5' },
  ...parts,
})

describe('the table', () => {
  it('keeps the first address of a program, and takes it again', () => {
    const table = new RegistrationTable()
    expect(table.set(registration({}))).toBe(true)
    expect(table.set(registration({}))).toBe(true)
    expect(table.set(registration({ address: '127.0.0.1.1.2' }))).toBe(false)
    expect(table.all()).toEqual([registration({})])
  })

  it.each([
    ['its owner', '5', true],
    ['the superuser', SUPERUSER, true],
    ['anybody else', '6', false],
    ['somebody unknown', 'unknown', false],
  ])('lets %s take a registration back: %s %s', (_, owner, isGone) => {
    const table = new RegistrationTable()
    table.set(registration({}))
    expect(table.unset(registration({ owner, netid: '' }))).toBe(isGone)
    expect(table.all()).toHaveLength(isGone ? 0 : 1)
  })

  it('takes back all networks of a version when none is named, and no other version', () => {
    const table = new RegistrationTable()
    for (const netid of ['tcp', 'udp', 'tcp6']) table.set(registration({ netid }))
    table.set(registration({ version: 2 }))
    expect(table.unset(registration({ netid: '' }))).toBe(true)
    expect(table.all()).toEqual([registration({ version: 2 })])
    expect(table.unset(registration({ netid: '' }))).toBe(false)
  })

  it('finds another version only where any will do', () => {
    const table = new RegistrationTable()
    for (const version of [2, 4, 3]) table.set(registration({ version }))
    const wanted = { program: 7, version: 9 }
    expect(table.find(wanted, 'tcp')).toBeUndefined()
    expect(table.findAny(wanted, 'tcp')?.version).toBe(4)
    expect(table.findAny(wanted, 'udp')).toBeUndefined()
  })

  it('is bounded, and has room again when something is taken back', () => {
    const table = new RegistrationTable(2)
    const sets = [1, 2, 3].map(program => table.set(registration({ program })))
    expect(sets).toEqual([true, true, false])
    table.unset(registration({ program: 1 }))
    expect(table.set(registration({ program: 3 }))).toBe(true)
  })

  it('gives nobody the place of rpcbind itself', () => {
    const table = new RegistrationTable()
    const own = registration({ program: 100_000, owner: SUPERUSER })
    table.addOwn(own)
    expect(table.set({ ...own, version: 9 })).toBe(false)
    expect(table.unset(own)).toBe(false)
    expect(table.all()).toEqual([own])
  })
})

describe('the address of a program that listens at all addresses', () => {
  const one = { mac: '', cidr: null, scopeid: 0 }
  const four = { ...one, family: 'IPv4', netmask: '255.255.255.0' } as const
  const interfaces = {
    lo: [{ ...four, address: '127.0.0.1', netmask: '255.0.0.0', internal: true }],
    eth0: [{ ...four, address: '10.1.3.7', internal: false }],
    eth1: [
      { ...four, address: '192.168.7.2', internal: false },
      { ...one, family: 'IPv6', netmask: '', address: '2001:db8::7', internal: false },
    ],
  } as unknown as Interfaces

  it.each([
    ['0.0.0.0', '192.168.7.99', '192.168.7.2'],
    ['0.0.0.0', '127.0.0.1', '127.0.0.1'],
    ['0.0.0.0', '8.8.8.8', '10.1.3.7'],
    ['0.0.0.0', '/run/rpcbind.sock', '10.1.3.7'],
    ['::', '2001:db8::9', '2001:db8::7'],
    ['10.9.9.9', '127.0.0.1', '10.9.9.9'],
  ])('%s is to %s %s', (host, peer, expected) => {
    expect(reachable(host, peer, interfaces)).toBe(expected)
  })
})
