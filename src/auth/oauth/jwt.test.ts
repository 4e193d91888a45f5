// Which tokens are believed: every algorithm with its key, and each way in which a token can be wrong.

import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SASL_MESSAGE_BYTES_MAX } from '../limits.ts'
import { type JwtAlgorithm, keysOf } from './jwk.ts'
import { type JwtRefusal, looksLikeJwt, verifyJwt } from './jwt.ts'
import { keySet, pairs, secret, token } from './token.contract.ts'

const NOW = 1_700_000_000_000
const rules = { keys: keysOf(keySet), audience: 'orders' }
const claims = { sub: 'ann', aud: ['orders', 'other'], exp: 1_700_000_060 }
const byAlgorithm: [JwtAlgorithm, keyof typeof pairs | 'oct'][] = [
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const).map(
    alg => [alg, 'rsa'] as [JwtAlgorithm, 'rsa'],
  ),
  ...([
    ['ES256', 'p256'],
    ['ES384', 'p384'],
    ['ES512', 'p521'],
    ['EdDSA', 'ed'],
  ] as [JwtAlgorithm, 'ed'][]),
  ...(['HS256', 'HS384', 'HS512'] as const).map(alg => [alg, 'oct'] as [JwtAlgorithm, 'oct']),
]
const keyOf = (kid: keyof typeof pairs | 'oct') => (kid === 'oct' ? secret : pairs[kid].privateKey)

describe('a token', () => {
  it.each(byAlgorithm)('of %s with the key %s is valid, and not with a byte changed', (alg, kid) => {
    const text = token({ alg, kid }, claims, keyOf(kid))
    expect(looksLikeJwt(text)).toBe(true)
    expect(verifyJwt(text, rules, NOW)).toEqual({ at: 'valid', claims, expiresAt: 1_700_000_060_000 })
    const [head, , signature] = text.split('.')
    const other = Buffer.from(JSON.stringify({ ...claims, sub: 'bob' })).toString('base64url')
    for (const wrong of [`${head}.${other}.${signature}`, text.slice(0, -8), `${head}.${other}.`])
      expect(verifyJwt(wrong, rules, NOW)).toMatchObject({ at: 'refused', code: 'signature-wrong' })
  })

  it('needs no kid where one key alone is for its algorithm', () => {
    expect(verifyJwt(token({ alg: 'ES256' }, claims, pairs.p256.privateKey), rules, NOW).at).toBe('valid')
    const twins = keysOf({
      keys: ['a', 'b'].map(kid => ({ kty: 'oct', kid, k: secret.toString('base64url') })),
    })
    const text = token({ alg: 'HS256' }, claims, secret)
    expect(verifyJwt(text, { ...rules, keys: twins }, NOW)).toMatchObject({ code: 'key-unknown' })
  })

  const { rsa, p256 } = pairs
  const pem = Buffer.from(rsa.publicKey.export({ type: 'spki', format: 'pem' }))
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const unsigned = `${part({ alg: 'none' })}.${part(claims)}.`
  const confused = `${part({ alg: 'HS256', kid: 'rsa' })}.${part(claims)}`
  const wrongs: [string, JwtRefusal, string][] = [
    ['of no algorithm', 'algorithm-refused', unsigned],
    [
      'with a public key as the secret',
      'algorithm-refused',
      `${confused}.${createHmac('sha256', pem).update(confused).digest('base64url')}`,
    ],
    [
      'of an algorithm that the key is not for',
      'algorithm-refused',
      token({ alg: 'ES256', kid: 'rsa' }, claims, p256.privateKey),
    ],
    ['of a key of another', 'key-unknown', token({ alg: 'HS256', kid: 'x' }, claims, secret)],
    ['with demands', 'malformed', token({ alg: 'HS256', kid: 'oct', crit: ['b64'] }, claims, secret)],
    ['of two parts', 'malformed', 'eyJh.eyJh'],
    ['with padding', 'malformed', 'eyJh.eyJh.YQ=='],
    ['with a header that is no object', 'malformed', `${part([1])}.${part(claims)}.YQ`],
    ['that is too long', 'malformed', `ey${'a'.repeat(SASL_MESSAGE_BYTES_MAX)}.a.a`],
    ['with claims that are a list', 'malformed', token({ alg: 'HS256', kid: 'oct' }, [claims], secret)],
  ]
  it.each(wrongs)('%s is refused: %s', (_what, code, text) => {
    expect(verifyJwt(text, rules, NOW)).toMatchObject({ at: 'refused', code })
  })

  it.each<[JwtRefusal, object]>([
    ['claim-invalid', { exp: undefined }],
    ['claim-invalid', { exp: '1700000060' }],
    ['claim-invalid', { exp: 1e300 }],
    ['claim-invalid', { nbf: 'soon' }],
    ['expired', { exp: 1_700_000_000 }],
    ['not-yet-valid', { nbf: 1_700_000_001 }],
    ['audience-wrong', { aud: undefined }],
    ['audience-wrong', { aud: 'orders2' }],
    ['audience-wrong', { aud: [] }],
    ['issuer-wrong', { iss: 'https://b' }],
    ['issuer-wrong', { iss: undefined }],
  ])('is refused as %s with %o', (code, other) => {
    const text = token({ alg: 'HS256', kid: 'oct' }, { ...claims, iss: 'https://a', ...other }, secret)
    expect(verifyJwt(text, { ...rules, issuer: 'https://a' }, NOW)).toMatchObject({ at: 'refused', code })
  })

  it('is valid at nbf, with the audience as one text, and of the issuer', () => {
    const text = token(
      { alg: 'HS256', kid: 'oct' },
      { ...claims, aud: 'orders', nbf: 1_700_000_000, iss: 'a' },
      secret,
    )
    expect(verifyJwt(text, { ...rules, issuer: 'a' }, NOW).at).toBe('valid')
  })
})

describe('examples of the RFCs, whose signatures are right and which are not for us', () => {
  const body =
    'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ'
  it.each<[string, JwtRefusal, object, string]>([
    [
      'RFC 7515 A.1: HS256',
      'audience-wrong',
      {
        kty: 'oct',
        k: 'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
      },
      `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${body}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`,
    ],
    [
      'RFC 7515 A.3: ES256',
      'audience-wrong',
      {
        kty: 'EC',
        crv: 'P-256',
        x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
        y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
      },
      `eyJhbGciOiJFUzI1NiJ9.${body}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q`,
    ],
    [
      'RFC 8037 A.4: EdDSA, of a text that is no object',
      'malformed',
      { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
      'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
    ],
  ])('%s', (_what, code, key, text) => {
    const example = { keys: keysOf({ keys: [key] }), audience: 'orders' }
    expect(verifyJwt(text, example, 1_300_819_379_000)).toMatchObject({ code })
  })
})

describe('what strangers send', () => {
  it('is refused, and never throws', () => {
    const part = fc.oneof(
      fc.string(),
      fc.json().map(text => Buffer.from(text).toString('base64url')),
      fc
        .record({
          alg: fc.constantFrom(...byAlgorithm.map(([alg]) => alg)),
          kid: fc.constantFrom('rsa', 'ed', 'p256'),
        })
        .map(header => Buffer.from(JSON.stringify(header)).toString('base64url')),
    )
    fc.assert(
      fc.property(part, part, part, (head, body, signature) => {
        expect(verifyJwt(`${head}.${body}.${signature}`, rules, NOW).at).toBe('refused')
      }),
    )
  })
})
