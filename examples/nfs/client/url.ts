// Addresses of files on NFS servers, as libnfs writes them:
//
//   nfs://host/export/path                             both ports are asked from the portmapper
//   nfs://host/export/path?nfsport=2049&mountport=635  or given
//   nfs://host:2049/export/path                        or the same

import { NFS_V3 } from '../nfs.js'

export interface NfsUrl {
  readonly host: string
  /** Of the export and the file in it. */
  readonly path: string
  /** Undefined: the portmapper knows. */
  readonly nfsPort: number | undefined
  readonly mountPort: number | undefined
}

const PORT_MAX = 65_535

/** Errors: TypeError when it is no such address. */
export function parseNfsUrl(text: string): NfsUrl {
  const { protocol, hostname, port, pathname, searchParams } = new URL(text)
  if (protocol !== 'nfs:' || hostname === '') throw new TypeError(`${text} is not nfs://host/path`)
  const version = searchParams.get('version') ?? String(NFS_V3.version)
  if (version !== String(NFS_V3.version)) throw new TypeError(`version ${version} of NFS is not spoken here`)
  const both = portOf(port)
  return {
    host: hostname,
    path: decodeURIComponent(pathname),
    nfsPort: portOf(searchParams.get('nfsport')) ?? both,
    mountPort: portOf(searchParams.get('mountport')) ?? both,
  }
}

function portOf(text: string | null): number | undefined {
  if (text === null || text === '') return undefined
  const port = Number(text)
  if (!(Number.isInteger(port) && port > 0 && port <= PORT_MAX)) throw new TypeError(`${text} is no port`)
  return port
}
