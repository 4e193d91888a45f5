// What a token allows in a virtual host, and that answers are the same when they are asked for again.

import { describe, expect, it } from 'vitest'
import { TokenLogins } from '../../auth/index.ts'
import { keySet, secretToken } from '../../auth/oauth/token.contract.ts'
import { TokenRights } from './token-rights.ts'

function rights(scope: string): TokenRights {
  const logins = new TokenLogins({ keys: keySet, resourceServerId: 'orders' })
  const login = logins.login(secretToken({ scope }, 0), 0)
  if (login.at === 'refused') throw new Error(login.reason)
  return new TokenRights(login.grant)
}

describe('the rights of a token', () => {
  it('are those of its scopes, asked once or twice', () => {
    const of = rights('orders.read:%2F/in-* orders.write:%2F/out orders.write:v*/amq.default')
    for (let times = 0; times < 2; times++) {
      expect(['/', 'v1', 'w'].map(vhost => of.mayEnter(vhost))).toEqual([true, true, false])
      expect(of.check('/', 'read', 'in-1')).toBe(true)
      expect(of.check('/', 'write', 'in-1')).toBe(false)
      expect(of.check('/', 'configure', 'in-1')).toBe(false)
      expect(of.check('v1', 'read', 'in-1')).toBe(false)
      expect(of.check('v1', 'write', '')).toBe(true)
      expect(of.check('/', 'write', '')).toBe(false)
    }
  })

  it('allow a routing key only by a scope that has one', () => {
    const of = rights('orders.write:*/plain orders.write:*/events/eu.*')
    const ask = (exchange: string, routingKey: string, kind: 'write' | 'read' = 'write') =>
      of.checkTopic({ vhost: '/', exchange, kind, routingKey, variables: { username: 'ann', vhost: '/' } })
    expect(ask('events', 'eu.paid')).toBe(true)
    expect(ask('events', 'us.paid')).toBe(false)
    expect(ask('events', 'eu.paid', 'read')).toBe(false)
    expect(ask('plain', 'eu.paid')).toBe(false)
  })

  it('are bounded in what is remembered', () => {
    const of = rights('orders.read:*/a*')
    for (let n = 0; n < 2500; n++) expect(of.check(`v${n % 150}`, 'read', `a${n}`)).toBe(true)
    expect(of.check('v1', 'read', 'b')).toBe(false)
  })
})
