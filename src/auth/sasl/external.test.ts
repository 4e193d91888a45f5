// EXTERNAL (RFC 4422 appendix A): the certificate names the user; the response may only repeat that name.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ManualWorld } from '../../world/index.ts'
import { Users } from '../users.ts'
import { type CertificateIdentity, external } from './external.ts'
import type { PeerFacts } from './mechanism.ts'

const world = new ManualWorld()
const users = new Users({ decoySecret: Buffer.from('decoys') })
const shown: PeerFacts = {
  address: '10.0.0.7',
  certificate: { distinguishedName: 'CN=orders,O=Shop', commonName: 'orders' },
}
const nameless: PeerFacts = { address: '10.0.0.7', certificate: { distinguishedName: 'O=Shop' } }

const cases: readonly [string, PeerFacts, CertificateIdentity, string, string | undefined][] = [
  ['the whole subject', shown, 'distinguished_name', '', 'CN=orders,O=Shop'],
  ['the common name', shown, 'common_name', '', 'orders'],
  ['the same authzid', shown, 'common_name', 'orders', 'orders'],
  ['another authzid', shown, 'common_name', 'root', undefined],
  ['no certificate', { address: '10.0.0.7' }, 'common_name', '', undefined],
  ['no certificate but a name', { address: '10.0.0.7' }, 'common_name', 'orders', undefined],
  ['a subject without common name', nameless, 'common_name', '', undefined],
]

describe('EXTERNAL (RFC 4422 appendix A)', () => {
  it.each(cases)('%s', (_title, peer, identity, response, name) => {
    const step = external({ identity }).start(users, peer, world).step(Buffer.from(response))
    if (name === undefined) expect(step).toMatchObject({ at: 'failed' })
    else expect(step).toEqual({ at: 'done', principal: { kind: 'user', name } })
  })

  it("takes any response where it is not looked at, as RabbitMQ's clients send it", () => {
    const step = external({ identity: 'common_name', ignoreResponse: true }).start(users, shown, world)
    expect(step.step(Buffer.from('\0*\0*'))).toEqual({
      at: 'done',
      principal: { kind: 'user', name: 'orders' },
    })
  })

  it('fails after its end', () => {
    const exchange = external().start(users, shown, world)
    exchange.step(Buffer.alloc(0))
    expect(exchange.step(Buffer.alloc(0))).toMatchObject({ at: 'failed' })
  })

  it('answers random bytes with a failure, never with an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), bytes => {
        const step = external().start(users, shown, world).step(Buffer.from(bytes))
        expect(step).toMatchObject({ at: 'failed' })
      }),
    )
  })
})
