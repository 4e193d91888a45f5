// Whether a program answers: its procedure 0 is called, which does nothing. Without a version, version 0 is called first, which no
// program has: the answer says which versions there are, and each of those is called.

import { type Netid, networks, OncError, program, xdr } from '../../../rpc/index.ts'
import type { OncConnection } from '../../../rpc/onc/index.ts'
import { openOnc } from '../../../rpc/onc/open.ts'
import { findPort } from '../../../rpc/rpcbind/find-port.ts'
import { parseUniversalAddress } from '../../../rpc/rpcbind/universal-address.ts'
import { type Address, parseAddress } from '../../../transport/index.ts'
import { CommandError } from '../../exit.ts'
import { isForPeople } from '../../output/format.ts'
import { type RpcinfoOutput, type RpcinfoRow, rowOf } from './columns.ts'
import { type Asking, bracketed, exitOfFailure } from './place.ts'

/** What is called, and where. */
export interface Target {
  readonly program: number
  /** All that there are, when it is not given. */
  readonly version: number | undefined
  readonly netid: Netid
  /** `tcp://host:port`; port 0 for the one that rpcbind says. */
  readonly address: string
}

/** Versions of one program that are called at most. */
const VERSIONS_MAX = 64

/** Where a target is by its host, and a port if it is known. */
export function addressOf(netid: Netid, host: string, port = 0): string {
  const { protocol } = networks[netid]
  if (protocol === 'local') throw new CommandError('usage', '-T local needs -a with the path of the socket')
  return `${protocol}://${bracketed(host)}:${port}`
}

/** Where a target is by its universal address, or its path. Errors: CommandError (usage). */
export function addressOfUniversal(netid: Netid, text: string): string {
  if (netid === 'local') return `ipc://${text}`
  const place = parseUniversalAddress(text)
  if (place === undefined)
    throw new CommandError(
      'usage',
      `'${text}' is no universal address: write h1.h2.h3.h4.p1.p2, such as 127.0.0.1.0.111`,
    )
  return addressOf(netid, place.host, place.port)
}

/** Calls, and prints a line for each version. Ends with an error when one did not answer. */
export async function ping(output: RpcinfoOutput, target: Target, asking: Asking): Promise<void> {
  const rows = await answers(target, asking)
  if (isForPeople(output.format)) await output.text(rows.map(sentence).join('\n'))
  else await output.rows(rows)
  const silent = rows.find(({ ready }) => ready !== true)
  if (silent !== undefined) throw new CommandError('unreachable', String(silent.reason))
}

async function answers(
  { program: number, version, netid, address }: Target,
  asking: Asking,
): Promise<RpcinfoRow[]> {
  const row = (of: number, reason: string | null): RpcinfoRow =>
    rowOf({ program: number, version: of, netid, address, ready: reason === null, reason })
  try {
    await using connection = await openOnc(await placed(number, version, address, asking), asking)
    const versions = version === undefined ? await versionsOf(connection, number) : [version]
    const rows: RpcinfoRow[] = []
    for (const one of versions) rows.push(row(one, await failureOf(connection, number, one)))
    return rows
  } catch (error) {
    const exit = exitOfFailure(error)
    if (exit === undefined || !(error instanceof Error)) throw error
    throw new CommandError(exit, error.message, undefined, error)
  }
}

/** The address with a port: rpcbind gives that of any version. */
async function placed(
  number: number,
  version: number | undefined,
  address: string,
  asking: Asking,
): Promise<Address> {
  const place = parseAddress(address)
  if (!('port' in place) || place.port !== 0) return place
  return { ...place, port: await findPort(place, { program: number, version: version ?? 0 }, asking) }
}

async function versionsOf(connection: OncConnection, number: number): Promise<readonly number[]> {
  for (const impossible of [0, 0xffff_ffff]) {
    try {
      await call(connection, number, impossible)
    } catch (error) {
      if (!(error instanceof OncError) || error.versions === undefined) throw error
      const { low, high } = error.versions
      const count = Math.min(high - low + 1, VERSIONS_MAX)
      return Array.from({ length: Math.max(0, count) }, (_, n) => low + n)
    }
  }
  throw new CommandError('notFound', `program ${number} does not say which versions it has: give one`)
}

/** Why it did not answer; null when it did. */
async function failureOf(connection: OncConnection, number: number, version: number): Promise<string | null> {
  try {
    await call(connection, number, version)
    return null
  } catch (error) {
    if (error instanceof OncError) return error.message
    throw error
  }
}

function call(connection: OncConnection, number: number, version: number): Promise<undefined> {
  const nothing = program({
    name: `program ${number} version ${version}`,
    program: number,
    version,
    procedures: { NULL: { number: 0, argument: xdr.nothing, result: xdr.nothing } },
  })
  return connection.client(nothing).NULL()
}

/** The sentences of rpcinfo(8), which scripts look for. */
function sentence({ program: number, version, ready, reason }: RpcinfoRow): string {
  return ready === true
    ? `program ${number} version ${version} ready and waiting`
    : `program ${number} version ${version} is not available: ${reason}`
}
