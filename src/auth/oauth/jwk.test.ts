// Which keys of a JWK set are taken, and for what; mistakes are told without a part of a key.

import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { keysOf } from './jwk.ts'
import { jwk, keySet, pairs, secret } from './token.contract.ts'

const oct = (bytes: number) => ({ kty: 'oct', k: secret.subarray(0, bytes).toString('base64url') })

describe('a JWK set', () => {
  it('gives each key with what it is for', () => {
    expect(keysOf(keySet).map(({ id, algorithms }) => [id, algorithms])).toEqual([
      ['rsa', ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']],
      ['p256', ['ES256']],
      ['p384', ['ES384']],
      ['p521', ['ES512']],
      ['ed', ['EdDSA']],
      ['oct', ['HS256', 'HS384', 'HS512']],
    ])
  })

  it('narrows a key to its alg, and a secret to what it is long enough for', () => {
    const set = { keys: [jwk(pairs.rsa.publicKey, 'r', { alg: 'PS256' }), oct(48)] }
    expect(keysOf(set).map(({ algorithms }) => algorithms)).toEqual([['PS256'], ['HS256', 'HS384']])
  })

  it('takes the public half of a private key, and passes over what is for something else', () => {
    const { privateKey, publicKey } = pairs.p256
    const others = [
      jwk(publicKey, 'a', { use: 'enc' }),
      jwk(publicKey, 'b', { key_ops: ['deriveKey'] }),
      { kty: 'quantum' },
      'no key',
    ]
    const keys = keysOf({ keys: [jwk(privateKey, 'private'), ...others] })
    expect(keys.map(({ id, key }) => [id, key.type])).toEqual([['private', 'public']])
  })

  const small = generateKeyPairSync('rsa', { modulusLength: 1024 })
  it.each<[string, unknown, RegExp]>([
    ['no object', [], /list "keys"/],
    ['without keys', {}, /list "keys"/],
    ['of nothing usable', { keys: [{ kty: 'quantum' }] }, /no key in it/],
    ['with a short secret', { keys: [oct(16)] }, /key 0: the secret has 16 bytes/],
    ['with a short RSA key', { keys: [jwk(small.publicKey, 's')] }, /1024 bits/],
    [
      'with an alg that is of another kind',
      { keys: [jwk(pairs.rsa.publicKey, 'r', { alg: 'HS256' })] },
      /its alg/,
    ],
    ['with a broken key', { keys: [{ kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }] }, /key 0: it cannot/],
    [
      'with one kid twice',
      { keys: [jwk(pairs.ed.publicKey, 'x'), jwk(pairs.p256.publicKey, 'x')] },
      /kid 'x'/,
    ],
    ['of too many', { keys: Array.from({ length: 101 }, () => oct(32)) }, /101 keys/],
  ])('%s is refused', (_what, set, message) => {
    expect(() => keysOf(set)).toThrow(message)
    expect(() => keysOf(set)).toThrow(expect.objectContaining({ code: 'AUTH_KEYS_INVALID' }))
  })
})
