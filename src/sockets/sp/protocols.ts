// The protocols of SP and who may speak with whom (nanomsg's rfc/sp-protocol-ids-01; nng's protocol headers).

/** By name: the number in the handshake, whom it speaks with, and its name in WebSocket sub-protocols. */
export const protocols = {
  pair0: { id: 0x10, peer: 'pair0', label: 'pair' },
  pair1: { id: 0x11, peer: 'pair1', label: 'pair1' },
  pub: { id: 0x20, peer: 'sub', label: 'pub' },
  sub: { id: 0x21, peer: 'pub', label: 'sub' },
  req: { id: 0x30, peer: 'rep', label: 'req' },
  rep: { id: 0x31, peer: 'req', label: 'rep' },
  push: { id: 0x50, peer: 'pull', label: 'push' },
  pull: { id: 0x51, peer: 'push', label: 'pull' },
  surveyor: { id: 0x62, peer: 'respondent', label: 'surveyor' },
  respondent: { id: 0x63, peer: 'surveyor', label: 'respondent' },
  bus: { id: 0x70, peer: 'bus', label: 'bus' },
} as const

export type ProtocolName = keyof typeof protocols

/** The sub-protocol of a WebSocket whose server speaks this protocol: it is the server's role that is named. */
export function subProtocol(server: ProtocolName): string {
  return `${protocols[server].label}.sp.nanomsg.org`
}
