// The flags that name a protocol, with the aliases of nngcat, and the socket of each.

import {
  Pair0,
  Pair1,
  Pub,
  Pull,
  Push,
  Rep,
  Req,
  Respondent,
  type SpOptions,
  type SpSocket,
  Sub,
  Surveyor,
} from '../../../sockets/sp/index.ts'
import { CommandError } from '../../exit.ts'

/** What a socket of the protocol does here. */
export type Part = 'sends' | 'receives' | 'asks' | 'answers' | 'both'

interface Protocol {
  readonly part: Part
  make(options: SpOptions): SpSocket
}

/** By flag, as in `--req0`. */
export const nngProtocols: Readonly<Record<string, Protocol>> = {
  req0: { part: 'asks', make: options => new Req(options) },
  rep0: { part: 'answers', make: options => new Rep(options) },
  pub0: { part: 'sends', make: options => new Pub(options) },
  sub0: { part: 'receives', make: options => new Sub(options) },
  push0: { part: 'sends', make: options => new Push(options) },
  pull0: { part: 'receives', make: options => new Pull(options) },
  surveyor0: { part: 'asks', make: options => new Surveyor(options) },
  respondent0: { part: 'answers', make: options => new Respondent(options) },
  pair0: { part: 'both', make: options => new Pair0(options) },
  pair1: { part: 'both', make: options => new Pair1(options) },
}

/** The protocol that is named. Errors: CommandError usage when it is none or more than one. */
export function protocolOf(
  flags: Readonly<Record<string, unknown>>,
  compat: boolean,
): Protocol & { readonly name: string } {
  const given = Object.keys(nngProtocols).filter(
    name => flags[name] === true || flags[name.replace(/0$/, '')] === true,
  )
  if (flags.pair === true && given.length === 0) given.push(compat ? 'pair0' : 'pair1')
  const [name] = given
  const protocol = name === undefined ? undefined : nngProtocols[name]
  if (name === undefined || protocol === undefined || given.length > 1) {
    const names = Object.keys(nngProtocols).map(one => `--${one}`)
    throw new CommandError(
      'usage',
      `name one protocol: ${names.join(', ')} (or without the 0), --pair`,
      'posthorn nngcat --help',
    )
  }
  return { ...protocol, name }
}
