// Who is measured: which program serves, and which one calls.

import { dist } from '../places.ts'
import type { Program } from '../programs.ts'
import { type PeerName, peerPath } from './packages.ts'

export const contenders = [
  'plain',
  'joined',
  'packed',
  'native',
  'onc',
  'onc to C',
  'C to onc',
  'C',
  'C udp',
  'onc udp',
  'native ws',
  'capnweb ws',
  'native thread',
  'capnweb thread',
  'comlink thread',
  'grpc',
  'grpc proto',
] as const
export type Contender = (typeof contenders)[number]

export interface Ends {
  readonly title: string
  /** Prints where it serves. None where the caller has it in a thread. */
  readonly server?: Program
  /** What the server has said is added to its arguments. */
  readonly client: Program
  /** A client that blocks has one call in flight. */
  readonly blocks?: true
  readonly needsC?: true
}

/** The ends of a contender. `c` is the program in C. */
export function endsOf(contender: Contender, c: string): Ends {
  switch (contender) {
    case 'plain':
      return pair('node:net, a write for each call', 'net', ['plain'])
    case 'joined':
      return pair('node:net, writes of a turn joined', 'net', ['joined'])
    case 'packed':
      return pair('node:net, frames of a turn packed', 'net', ['packed'])
    case 'native':
      return native('Posthorn RPC, TCP', 'tcp')
    case 'native ws':
      return native('Posthorn RPC, WebSocket', 'ws')
    case 'native thread':
      return thread('Posthorn RPC, worker thread', 'posthorn')
    case 'capnweb ws':
      return pair('capnweb, WebSocket (ws)', 'capnweb', [])
    case 'capnweb thread':
      return thread('capnweb, worker thread', 'capnweb')
    case 'comlink thread':
      return thread('Comlink, worker thread', 'comlink')
    case 'onc':
      return onc('Posthorn ONC RPC, TCP', 'tcp', false, false, c)
    case 'onc udp':
      return onc('Posthorn ONC RPC, UDP', 'udp', false, false, c)
    case 'onc to C':
      return onc('Posthorn ONC RPC to libtirpc, TCP', 'tcp', true, false, c)
    case 'C to onc':
      return onc('libtirpc to Posthorn ONC RPC, TCP', 'tcp', false, true, c)
    case 'C':
      return onc('libtirpc in C, TCP', 'tcp', true, true, c)
    case 'C udp':
      return onc('libtirpc in C, UDP', 'udp', true, true, c)
    case 'grpc':
      return pair('grpc-js, raw bytes', 'grpc', ['raw'])
    case 'grpc proto':
      return pair('grpc-js, proto-loader', 'grpc', ['proto'])
  }
}

function pair(title: string, peer: PeerName, way: readonly string[]): Ends {
  return { title, server: node(peer, [...way, 'serve']), client: node(peer, [...way, 'call']) }
}

function native(title: string, scheme: string): Ends {
  const server = node('posthorn', ['serve', `${scheme}://127.0.0.1:*`])
  return { title, server, client: node('posthorn', ['call']) }
}

function thread(title: string, peer: PeerName): Ends {
  return { title, client: node(peer, ['thread']) }
}

function onc(title: string, scheme: string, servesC: boolean, callsC: boolean, c: string): Ends {
  const end = (inC: boolean, role: string): Program =>
    inC ? { command: c, args: [role, scheme] } : node('onc', [role, scheme])
  return {
    title,
    server: end(servesC, 'serve'),
    client: end(callsC, 'call'),
    ...(callsC && { blocks: true }),
    ...((servesC || callsC) && { needsC: true }),
  }
}

export function node(peer: PeerName, args: readonly string[]): Program {
  return {
    command: process.execPath,
    args: ['--no-warnings', peerPath(peer), ...args],
    env: { POSTHORN_BENCH_DIST: dist },
  }
}
