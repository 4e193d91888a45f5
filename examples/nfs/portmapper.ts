// The portmapper (RFC 1833, section 3): which port a program has. It answers at port 111 of a machine.

import { program, xdr } from 'posthorn/rpc'

export const PORTMAPPER_PORT = 111
/** The transports that it knows, by their numbers in IP. */
export const protocols = { tcp: 6, udp: 17 } as const

const mapping = xdr.struct({ prog: xdr.uint, vers: xdr.uint, prot: xdr.uint, port: xdr.uint })

export const PMAP_V2 = program({
  name: 'PMAP_PROG',
  program: 100000,
  version: 2,
  procedures: {
    /** Says which port the caller's program has. False when it is refused, or there is one already. */
    SET: { number: 1, argument: mapping, result: xdr.bool },
    /** Takes all ports of a version of a program away. */
    UNSET: { number: 2, argument: mapping, result: xdr.bool },
    /** The port of a program, or 0. */
    GETPORT: { number: 3, argument: mapping, result: xdr.uint },
  },
})
