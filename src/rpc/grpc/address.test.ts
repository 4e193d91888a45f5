// Addresses as gRPC writes them, and those that it does not go over.

import { expect, it } from 'vitest'
import { AddressError } from '../../transport/index.ts'
import { ManualWorld } from '../../world/index.ts'
import { connectTarget, grpcAddress, listenTarget } from './address.ts'
import { GrpcError } from './errors.ts'

it.each([
  ['tcp://127.0.0.1:50051', 'dns:127.0.0.1:50051'],
  ['tls://example.org:443', 'dns:example.org:443'],
  ['tcp://[::1]:1', 'dns:[::1]:1'],
  ['ipc:///run/greeter', 'unix:/run/greeter'],
  ['ipc://greeter', 'unix:greeter'],
])('connecting to %s is %s', (text, target) => {
  expect(connectTarget(grpcAddress(text))).toBe(target)
})

it.each([
  ['tcp://*:50051', 'dns:0.0.0.0:50051'],
  ['tcp://127.0.0.1:*', 'dns:127.0.0.1:0'],
])('listening at %s is %s', (text, target) => {
  expect(listenTarget(grpcAddress(text), new ManualWorld()).target).toBe(target)
})

it('a file of its own for ipc://*', () => {
  const { target, real } = listenTarget(grpcAddress('ipc://*'), new ManualWorld())
  expect(real.scheme === 'ipc' && `unix:${real.path}`).toBe(target)
  expect(target).toMatch(/socket-[0-9a-f]{16}$/)
})

it.each(['ws://host:1/', 'udp://host:1', 'inproc://name', 'tcp://127.0.0.1:*;host:1'])(
  'gRPC does not go over %s',
  text => {
    expect(() => grpcAddress(text)).toThrow(GrpcError)
  },
)

it.each(['tcp://*:1', 'tcp://host:*', 'ipc://*'])('one cannot connect to %s', text => {
  expect(() => connectTarget(grpcAddress(text))).toThrow(AddressError)
})
