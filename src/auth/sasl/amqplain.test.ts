// AMQPLAIN's single message: what is accepted, what is refused.

import { beforeAll, describe, expect, it } from 'vitest'
import { ManualWorld } from '../../world/index.ts'
import { passwordChanges } from '../user-change.ts'
import { Users } from '../users.ts'
import { amqplain } from './amqplain.ts'
import { REFUSED } from './mechanism.ts'

const world = new ManualWorld()
const peer = { address: '10.0.0.7' }
const users = new Users({ decoySecret: Buffer.from('decoys') })

beforeAll(async () => {
  for (const change of await passwordChanges({ user: 'ann', password: 'pencil' }, { world }))
    users.apply(change)
})

function entry(name: string, value: string, letter = 'S'): string {
  return `${String.fromCharCode(name.length)}${name}${letter}\0\0\0${String.fromCharCode(value.length)}${value}`
}

function step(message: string | Buffer) {
  return amqplain
    .start(users, peer, world)
    .step(Buffer.isBuffer(message) ? message : Buffer.from(message, 'latin1'))
}

describe('accepted', () => {
  it.each([
    ['as clients send it', '\x05LOGINS\0\0\0\x03ann\x08PASSWORDS\0\0\0\x06pencil'],
    ['in the other order', entry('PASSWORD', 'pencil') + entry('LOGIN', 'ann')],
    ['with a further text', entry('LOGIN', 'ann') + entry('PASSWORD', 'pencil') + entry('X', 'y')],
  ])('%s', async (_title, message) => {
    expect(await step(message)).toEqual({ at: 'done', principal: { kind: 'user', name: 'ann' } })
  })
})

describe('a token in place of the password', () => {
  const message = (login: string) => entry('LOGIN', login) + entry('PASSWORD', 'eyJh.eyJi.YQ')
  const ann = { kind: 'user' as const, name: 'ann' }

  it.each(['', 'bob'])("makes the user that it names, with the login '%s'", async login => {
    const credentials = {
      scram: users.scram.bind(users),
      checkPassword: async (_user: string, password: string) =>
        password === 'eyJh.eyJi.YQ' ? ann : ('wrong' as const),
    }
    const exchange = amqplain.start(credentials, peer, world)
    expect(await exchange.step(Buffer.from(message(login), 'latin1'))).toEqual({ at: 'done', principal: ann })
  })

  it('is a wrong password where nobody takes tokens', async () => {
    expect(await step(message(''))).toMatchObject({ at: 'failed', message: REFUSED })
  })
})

describe('refused', () => {
  it.each([
    ['a wrong password', entry('LOGIN', 'ann') + entry('PASSWORD', 'pencils'), REFUSED],
    ['an unknown user', entry('LOGIN', 'bob') + entry('PASSWORD', 'pencil'), REFUSED],
    ['no login', entry('PASSWORD', 'pencil'), /LOGIN is missing/],
    ['no password', entry('LOGIN', 'ann'), /PASSWORD is missing/],
    ['nothing', '', /LOGIN is missing/],
    ['another type', entry('LOGIN', 'ann', 'x') + entry('PASSWORD', 'pencil'), /not a table of long strings/],
    ['a cut message', (entry('LOGIN', 'ann') + entry('PASSWORD', 'pencil')).slice(0, -1), /not a table/],
    ['a login that is not UTF-8', entry('LOGIN', '\xff') + entry('PASSWORD', 'pencil'), /not UTF-8/],
    ['a long message', 'x'.repeat(16_385), /too long/],
  ])('%s', async (_title, message, words) => {
    const outcome = await step(message)
    if (outcome.at !== 'failed') throw new Error(`expected a failure, got ${outcome.at}`)
    expect(outcome.message).toMatch(words)
  })

  it('a second message', async () => {
    const exchange = amqplain.start(users, peer, world)
    await exchange.step(Buffer.from(entry('LOGIN', 'ann') + entry('PASSWORD', 'pencil')))
    expect(await exchange.step(Buffer.alloc(0))).toMatchObject({ at: 'failed' })
  })
})
