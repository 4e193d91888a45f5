// SCRAM's server against the published vectors (RFC 7677 section 3; SHA-512 cross-checked with another
// implementation of PBKDF2 and HMAC), then every way to fail, then noise.

import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { ManualWorld } from '../../world/index.ts'
import { credentialFromPassword, credentialToJson } from '../credentials.ts'
import { passwordChanges } from '../user-change.ts'
import { Users } from '../users.ts'
import { plainClient, type SaslClient, scramClient } from './client.ts'
import type { Credentials, SaslExchange, SaslStep } from './mechanism.ts'
import { plain } from './plain.ts'
import { scram } from './scram.ts'
import { type ScramName, scramNames } from './scram-keys.ts'

interface Vector {
  readonly mechanism: ScramName
  readonly salt: string
  readonly iterations: number
  readonly clientNonce: string
  readonly serverNonce: string
  readonly proof: string
  readonly signature: string
  readonly storedKey: string
  readonly serverKey: string
}

const vectors: readonly Vector[] = [
  {
    mechanism: 'SCRAM-SHA-256',
    salt: 'W22ZaJ0SNY7soEsUEjb6gQ==',
    iterations: 4096,
    clientNonce: 'rOprNGfwEbeRWgbNEkqO',
    serverNonce: '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
    proof: 'dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    signature: '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
    storedKey: 'WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=',
    serverKey: 'wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
  },
  {
    mechanism: 'SCRAM-SHA-512',
    salt: 'QSXCR+Q6sek8bf92',
    iterations: 8192,
    clientNonce: 'fyko+d2lbbFgONRv9qkxdawL',
    serverNonce: '3rfcNHYJY1ZVvWVs7j',
    proof: 'F0tV+skFPdhWSIaYuvq9itXzZXvk8pomq35eva2N4zPa2NMaA2ax7Xb/08bMwP+O1J3RxMfZUtKmaA5pQWQYmA==',
    signature: 'm075DJ7DgFk7XpOpO8S49GTGN/Q3+jRzDQOkiSxp+Rmvatpn6bdpsQKB4L1zzT5+gyKFIbGfzBEkPjrvn6mdjA==',
    storedKey: 'aJHJz7+oaoAKWXtULVDg6j/QmpFJrQ/+FCAxcmYXxa0eH0HCxThkRA7gC3gRWt3jwOIGXt76l9f8odiBk3wTrQ==',
    serverKey: 'GBczYl2bhhRUrLaU9WTNan3H21bop0v9hleEwD+eN5P99Jl6Pa6ilcY58ECoro2thovUpHhet/ohovAcppU24g==',
  },
]

const world = new ManualWorld()
const peer = { address: '10.0.0.7' }
const users = new Users({ decoySecret: Buffer.from('decoys') })
const sha256 = vectors[0] as Vector

beforeAll(async () => {
  for (const name of ['ann', 'a,b=c', 'zoë'])
    for (const change of await passwordChanges({ user: name, password: 'pencil' }, { world }))
      users.apply(change)
})

async function vectorUsers({ mechanism, salt, iterations }: Vector): Promise<Users> {
  const own = new Users({ decoySecret: Buffer.from('decoys') })
  const credential = await credentialFromPassword(mechanism, 'pencil', {
    salt: Buffer.from(salt, 'base64'),
    iterations,
  })
  own.apply({ kind: 'set', user: 'user', mechanism, credential })
  return own
}

/** Feeds texts to an exchange and gives its last step. */
async function feed(exchange: SaslExchange, ...responses: readonly string[]): Promise<SaslStep> {
  let step: SaslStep | undefined
  for (const response of responses) step = await exchange.step(Buffer.from(response))
  if (step === undefined) throw new Error('nothing fed')
  return step
}

/** The proof of a password over a message, by node:crypto alone. */
function proofOf(password: string, authMessage: string): string {
  const salted = pbkdf2Sync(password, Buffer.from(sha256.salt, 'base64'), 4096, 32, 'sha256')
  const key = createHmac('sha256', salted).update('Client Key').digest()
  const stored = createHash('sha256').update(key).digest()
  const signature = createHmac('sha256', stored).update(authMessage).digest()
  return Buffer.from(key.map((byte, at) => byte ^ (signature[at] ?? 0))).toString('base64')
}

/** Lets a client and a server talk until one ends. */
async function converse(
  client: SaslClient,
  exchange: SaslExchange,
): Promise<{ client: string; server: SaslStep }> {
  let challenge: Buffer = Buffer.alloc(0)
  for (;;) {
    const said = await client.step(challenge)
    if (said.at !== 'respond') throw new Error(`the client ended first: ${said.at}`)
    const server = await exchange.step(said.response)
    if (server.at !== 'continue') {
      const last = await client.step(server.challenge ?? Buffer.alloc(0))
      return { client: last.at, server }
    }
    challenge = server.challenge
  }
}

describe.each(vectors)('$mechanism vector (RFC 7677 section 3 and its like)', vector => {
  const serverFirst = `r=${vector.clientNonce}${vector.serverNonce},s=${vector.salt},i=${vector.iterations}`
  const clientFinal = `c=biws,r=${vector.clientNonce}${vector.serverNonce},p=${vector.proof}`

  it('gives the published server messages', async () => {
    const own = await vectorUsers(vector)
    const exchange = scram(vector.mechanism, { nonce: () => vector.serverNonce }).start(own, peer, world)
    const first = await feed(exchange, `n,,n=user,r=${vector.clientNonce}`)
    expect(first).toEqual({ at: 'continue', challenge: Buffer.from(serverFirst) })
    expect(await feed(exchange, clientFinal)).toEqual({
      at: 'done',
      principal: { kind: 'user', name: 'user' },
      challenge: Buffer.from(`v=${vector.signature}`),
    })
  })

  it('gives the published client messages and accepts the server', async () => {
    const login = { user: 'user', password: 'pencil' }
    const client = scramClient(vector.mechanism, login, { world, nonce: () => vector.clientNonce })
    const first = await client.step(Buffer.alloc(0))
    expect(first).toEqual({ at: 'respond', response: Buffer.from(`n,,n=user,r=${vector.clientNonce}`) })
    const final = await client.step(Buffer.from(serverFirst))
    expect(final).toEqual({ at: 'respond', response: Buffer.from(clientFinal) })
    expect(await client.step(Buffer.from(`v=${vector.signature}`))).toEqual({ at: 'done' })
  })

  it('makes the published credential', async () => {
    const { salt, iterations, storedKey, serverKey, mechanism } = vector
    const made = await credentialFromPassword(mechanism, 'pencil', {
      salt: Buffer.from(salt, 'base64'),
      iterations,
    })
    expect(credentialToJson(made)).toEqual({ salt, iterations, storedKey, serverKey })
  })
})

describe('conversations between our client and server', () => {
  const cases = scramNames.flatMap(mechanism => [
    { mechanism, user: 'ann', password: 'pencil', client: 'done', server: 'done' },
    { mechanism, user: 'a,b=c', password: 'pencil', client: 'done', server: 'done' },
    { mechanism, user: 'zoë', password: 'pencil', client: 'done', server: 'done' },
    { mechanism, user: 'ann', password: 'pencils', client: 'failed', server: 'failed' },
    { mechanism, user: 'nobody', password: 'pencil', client: 'failed', server: 'failed' },
  ])
  it.each(cases)(
    '$mechanism $user/$password ends $server',
    async ({ mechanism, client, server, ...login }) => {
      const exchange = scram(mechanism).start(users, peer, world)
      const ends = await converse(scramClient(mechanism, login, { world }), exchange)
      expect([ends.client, ends.server.at]).toEqual([client, server])
      if (ends.server.at === 'done') expect(ends.server.principal.name).toBe(login.user)
    },
  )

  it('takes the client nonce twice, as librdkafka before 2.6.1 sends it, but no other nonce before it', async () => {
    const own = await vectorUsers(sha256)
    const { clientNonce, serverNonce, salt } = sha256
    const outcome = async (before: string) => {
      const exchange = scram('SCRAM-SHA-256', { nonce: () => serverNonce }).start(own, peer, world)
      const serverFirst = `r=${clientNonce}${serverNonce},s=${salt},i=4096`
      const withoutProof = `c=biws,r=${before}${clientNonce}${serverNonce}`
      const proof = proofOf('pencil', `n=user,r=${clientNonce},${serverFirst},${withoutProof}`)
      return (await feed(exchange, `n,,n=user,r=${clientNonce}`, `${withoutProof},p=${proof}`)).at
    }
    expect(await outcome(clientNonce)).toBe('done')
    expect(await outcome('x')).toBe('failed')
  })

  it('draws a new nonce for each exchange', async () => {
    const steps = await Promise.all(
      [1, 2].map(() => feed(scram('SCRAM-SHA-256').start(users, peer, world), 'n,,n=ann,r=abc')),
    )
    expect(steps[0]).not.toEqual(steps[1])
  })
})

describe('a user who does not exist', () => {
  it('gets the same salt each time, of the usual length, and the same refusal as a wrong password', async () => {
    const salts = await Promise.all(
      [1, 2].map(async () => {
        const step = await feed(scram('SCRAM-SHA-256').start(users, peer, world), 'n,,n=nobody,r=abc')
        return step.at === 'continue' ? /s=([^,]+),i=4096$/.exec(step.challenge.toString())?.[1] : undefined
      }),
    )
    expect(salts[0]).toBe(salts[1])
    expect(Buffer.from(salts[0] ?? '', 'base64')).toHaveLength(16)
    const refusals = await Promise.all(
      ['ann', 'nobody'].map(async user => {
        const login = { user, password: 'wrong' }
        const exchange = scram('SCRAM-SHA-256').start(users, peer, world)
        const { server } = await converse(scramClient('SCRAM-SHA-256', login, { world }), exchange)
        return server.at === 'failed' ? { message: server.message, challenge: server.challenge } : undefined
      }),
    )
    expect(refusals[0]).toEqual(refusals[1])
    expect(refusals[0]?.challenge?.toString()).toBe('e=invalid-proof')
  })
})

describe('refusals of the first message (RFC 5802 section 7)', () => {
  const long = 'x'.repeat(1025)
  it.each([
    ['channel binding', 'p=tls-unique,,n=ann,r=abc', 'channel-binding-not-supported'],
    ['no gs2 header', 'n=ann,r=abc', 'invalid-encoding'],
    ['unknown gs2 flag', 'x,,n=ann,r=abc', 'invalid-encoding'],
    ['empty message', '', 'invalid-encoding'],
    ['flag only', 'n', 'invalid-encoding'],
    ['malformed authzid', 'n,ann,n=ann,r=abc', 'invalid-encoding'],
    ['empty authzid', 'n,a=,n=ann,r=abc', 'invalid-username-encoding'],
    ['mandatory extension', 'n,,m=x,n=ann,r=abc', 'extensions-not-supported'],
    ['no user', 'n,,r=abc', 'invalid-encoding'],
    ['empty user', 'n,,n=,r=abc', 'invalid-username-encoding'],
    ['bad escape', 'n,,n=a=2cb,r=abc', 'invalid-username-encoding'],
    ['bare equals sign', 'n,,n=a=b,r=abc', 'invalid-username-encoding'],
    ['NUL in user', 'n,,n=a\0b,r=abc', 'invalid-username-encoding'],
    ['long user', `n,,n=${long},r=abc`, 'invalid-username-encoding'],
    ['no nonce', 'n,,n=ann', 'invalid-encoding'],
    ['empty nonce', 'n,,n=ann,r=', 'invalid-encoding'],
    ['nonce with a space', 'n,,n=ann,r=a b', 'invalid-encoding'],
    ['long nonce', `n,,n=ann,r=${long}`, 'invalid-encoding'],
    ['malformed extension', 'n,,n=ann,r=abc,=1', 'invalid-encoding'],
    ['long message', `n,,n=ann,r=abc,x=${'y'.repeat(16_384)}`, 'invalid-encoding'],
  ])('%s', async (_title, message, value) => {
    const step = await feed(scram('SCRAM-SHA-256').start(users, peer, world), message)
    expect(step).toMatchObject({ at: 'failed', challenge: Buffer.from(`e=${value}`) })
  })

  it.each([
    ['y flag', 'y,,n=ann,r=abc'],
    ['own authzid', 'n,a=ann,n=ann,r=abc'],
    ['optional extension', 'n,,n=ann,r=abc,x=1'],
    ["Kafka's tokenauth extension, ignored", 'n,,n=ann,r=abc,tokenauth=true'],
    ['longest nonce', `n,,n=ann,r=${'x'.repeat(1024)}`],
  ])('accepts %s', async (_title, message) => {
    const step = await feed(scram('SCRAM-SHA-256').start(users, peer, world), message)
    expect(step.at).toBe('continue')
  })

  it('refuses bytes that are not UTF-8', async () => {
    const step = await scram('SCRAM-SHA-256')
      .start(users, peer, world)
      .step(Buffer.from([0x6e, 0xff]))
    expect(step).toMatchObject({ at: 'failed', challenge: Buffer.from('e=invalid-encoding') })
  })
})

describe('refusals of the final message (RFC 5802 section 7)', () => {
  const nonce = sha256.clientNonce + sha256.serverNonce
  const { proof } = sha256
  const first = `n,,n=user,r=${sha256.clientNonce}`
  const shortProof = Buffer.alloc(31).toString('base64')

  async function finish(firstMessage: string, finalMessage: string): Promise<SaslStep> {
    const own = await vectorUsers(sha256)
    const exchange = scram('SCRAM-SHA-256', { nonce: () => sha256.serverNonce }).start(own, peer, world)
    return feed(exchange, firstMessage, finalMessage)
  }

  it.each([
    ['other channel binding', first, `c=eSws,r=${nonce},p=${proof}`, 'channel-bindings-dont-match'],
    [
      'y flag promised, n confirmed',
      `y${first.slice(1)}`,
      `c=biws,r=${nonce},p=${proof}`,
      'channel-bindings-dont-match',
    ],
    ['channel binding not base64', first, `c=b!ws,r=${nonce},p=${proof}`, 'invalid-encoding'],
    ['no channel binding', first, `r=${nonce},p=${proof}`, 'invalid-encoding'],
    ['mandatory extension', first, `m=x,c=biws,r=${nonce},p=${proof}`, 'extensions-not-supported'],
    ['shortened nonce', first, `c=biws,r=${nonce.slice(0, -1)},p=${proof}`, 'other-error'],
    ["the client's nonce alone", first, `c=biws,r=${sha256.clientNonce},p=${proof}`, 'other-error'],
    ['no nonce', first, `c=biws,p=${proof}`, 'invalid-encoding'],
    ['empty nonce', first, `c=biws,r=,p=${proof}`, 'invalid-encoding'],
    ['no proof', first, `c=biws,r=${nonce}`, 'invalid-encoding'],
    ['proof not base64', first, `c=biws,r=${nonce},p=${proof.slice(1)}`, 'invalid-encoding'],
    ['empty proof', first, `c=biws,r=${nonce},p=`, 'invalid-proof'],
    ['short proof', first, `c=biws,r=${nonce},p=${shortProof}`, 'invalid-proof'],
    ['other proof', first, `c=biws,r=${nonce},p=A${proof.slice(1)}`, 'invalid-proof'],
    ['extension not signed', first, `c=biws,r=${nonce},x=1,p=${proof}`, 'invalid-proof'],
    ['malformed extension', first, `c=biws,r=${nonce},1,p=${proof}`, 'invalid-encoding'],
    ['empty message', first, '', 'invalid-encoding'],
  ])('%s', async (_title, firstMessage, finalMessage, value) => {
    const step = await finish(firstMessage, finalMessage)
    expect(step).toMatchObject({ at: 'failed', challenge: Buffer.from(`e=${value}`) })
  })

  it('refuses to let a user who proved the password act as somebody else', async () => {
    const own = await vectorUsers(sha256)
    const bare = `n=user,r=${sha256.clientNonce}`
    const last = await Promise.all(
      ['user', 'root'].map(authzid => {
        const exchange = scram('SCRAM-SHA-256', { nonce: () => sha256.serverNonce }).start(own, peer, world)
        const binding = Buffer.from(`n,a=${authzid},`).toString('base64')
        const withoutProof = `c=${binding},r=${nonce}`
        const authMessage = `${bare},r=${nonce},s=${sha256.salt},i=4096,${withoutProof}`
        const made = `${withoutProof},p=${proofOf('pencil', authMessage)}`
        return feed(exchange, `n,a=${authzid},${bare}`, made)
      }),
    )
    expect(last[0]?.at).toBe('done')
    expect(last[1]).toMatchObject({ at: 'failed', reason: "'user' asked to act as 'root'" })
  })

  it('refuses a user who is not known, even with a proof for the decoy', async () => {
    const own = await vectorUsers(sha256)
    const { credential } = own.scram('user', 'SCRAM-SHA-256')
    const unknown: Credentials = {
      scram: () => ({ known: false, credential }),
      checkPassword: async () => 'wrong',
    }
    const exchange = scram('SCRAM-SHA-256', { nonce: () => sha256.serverNonce }).start(unknown, peer, world)
    const step = await feed(exchange, first, `c=biws,r=${nonce},p=${proof}`)
    expect(step).toMatchObject({ at: 'failed', challenge: Buffer.from('e=invalid-proof') })
  })

  it('goes on failing after the end, even with a message that was right', async () => {
    const own = await vectorUsers(sha256)
    const exchange = scram('SCRAM-SHA-256', { nonce: () => sha256.serverNonce }).start(own, peer, world)
    const final = `c=biws,r=${nonce},p=${proof}`
    expect((await feed(exchange, first, final)).at).toBe('done')
    expect((await feed(exchange, final)).at).toBe('failed')
    expect((await feed(exchange, first)).at).toBe('failed')
  })
})

describe('noise', () => {
  const clientFinal = `c=biws,r=${sha256.clientNonce}${sha256.serverNonce},p=${sha256.proof}`
  const mutated = (text: string): fc.Arbitrary<Buffer> =>
    fc.tuple(fc.nat(text.length - 1), fc.nat(255), fc.nat(text.length)).map(([at, byte, cut]) => {
      const bytes = Buffer.from(text)
      bytes[at] = byte
      return bytes.subarray(0, cut === 0 ? bytes.length : cut)
    })

  it('never throws, and random bytes never log in', async () => {
    const own = await vectorUsers(sha256)
    const first = fc.oneof(fc.uint8Array({ maxLength: 64 }), mutated(`n,,n=user,r=${sha256.clientNonce}`))
    const final = fc.oneof(fc.uint8Array({ maxLength: 128 }), mutated(clientFinal))
    fc.assert(
      fc.property(first, final, (one, two) => {
        const exchange = scram('SCRAM-SHA-256', { nonce: () => sha256.serverNonce }).start(own, peer, world)
        const begun = exchange.step(Buffer.from(one))
        const ended = exchange.step(Buffer.from(two))
        if (begun instanceof Promise || ended instanceof Promise) return false
        const untouched =
          Buffer.from(two).toString() === clientFinal && Buffer.from(one).toString().startsWith('n,,n=user,')
        return ended.at === 'failed' || untouched
      }),
      { numRuns: 3000 },
    )
  })

  it('never throws in the client', async () => {
    const login = { user: 'user', password: 'pencil' }
    const bytes = fc.uint8Array({ maxLength: 128 })
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(bytes, mutated(`r=abcdef,s=${sha256.salt},i=4096`)),
        bytes,
        async (one, two) => {
          const client = scramClient('SCRAM-SHA-256', login, { world, nonce: () => 'abc' })
          await client.step(Buffer.alloc(0))
          await client.step(Buffer.from(one))
          expect((await client.step(Buffer.from(two))).at).toBe('failed')
        },
      ),
      { numRuns: 300 },
    )
  })

  it('never throws in PLAIN', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 32 }), mutated('\0ann\0pencil')), async bytes => {
        const step = await plain.start(users, peer, world).step(Buffer.from(bytes))
        expect(step.at === 'failed' || Buffer.from(bytes).toString() === '\0ann\0pencil').toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})

describe("the client's distrust of the server (RFC 5802 sections 3 and 5)", () => {
  const nonce = sha256.clientNonce + sha256.serverNonce
  it.each([
    ['nonce not extended', `r=${sha256.clientNonce},s=${sha256.salt},i=4096`],
    ['other nonce', `r=other,s=${sha256.salt},i=4096`],
    ['too few iterations', `r=${nonce},s=${sha256.salt},i=4095`],
    ['too many iterations', `r=${nonce},s=${sha256.salt},i=262145`],
    ['iterations no number', `r=${nonce},s=${sha256.salt},i=4096x`],
    ['no salt', `r=${nonce},i=4096`],
    ['empty salt', `r=${nonce},s=,i=4096`],
    ['mandatory extension', `m=x,r=${nonce},s=${sha256.salt},i=4096`],
    ['error', 'e=other-error'],
  ])('%s', async (_title, serverFirst) => {
    const login = { user: 'user', password: 'pencil' }
    const client = scramClient('SCRAM-SHA-256', login, { world, nonce: () => sha256.clientNonce })
    await client.step(Buffer.alloc(0))
    expect((await client.step(Buffer.from(serverFirst))).at).toBe('failed')
  })

  it.each([
    ['wrong signature', `v=A${sha256.signature.slice(1)}`],
    ['short signature', 'v=AAAA'],
    ['error', 'e=invalid-proof'],
    ['neither', 'x=1'],
    ['nothing', ''],
  ])('%s in the last message', async (_title, serverFinal) => {
    const login = { user: 'user', password: 'pencil' }
    const client = scramClient('SCRAM-SHA-256', login, { world, nonce: () => sha256.clientNonce })
    await client.step(Buffer.alloc(0))
    await client.step(Buffer.from(`r=${nonce},s=${sha256.salt},i=4096`))
    expect((await client.step(Buffer.from(serverFinal))).at).toBe('failed')
  })

  it('speaks PLAIN in one message', async () => {
    const client = plainClient({ user: 'ann', password: 'pencil' })
    const { server } = await converse(client, plain.start(users, peer, world))
    expect(server).toEqual({ at: 'done', principal: { kind: 'user', name: 'ann' } })
  })
})
