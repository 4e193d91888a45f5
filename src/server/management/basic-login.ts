// The schemes of HTTP logins: Basic (RFC 7617), user and password in base64, in UTF-8; and Bearer (RFC 6750), a token that
// says itself who the user is.

export interface BasicLogin {
  readonly user: string
  readonly password: string
}

/** What the header field Authorization says; undefined when it is absent, of another scheme, or broken. */
export function basicLogin(field: string | undefined): BasicLogin | undefined {
  const [, base64] = /^basic +([A-Za-z0-9+/_-]+=*) *$/i.exec(field ?? '') ?? []
  if (base64 === undefined) return undefined
  const text = Buffer.from(base64, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) }
}

/** The token of the header field Authorization as a password without a user; undefined when it is of another scheme. */
export function bearerLogin(field: string | undefined): BasicLogin | undefined {
  const [, token] = /^bearer +([A-Za-z0-9._~+/-]+=*) *$/i.exec(field ?? '') ?? []
  return token === undefined ? undefined : { user: '', password: token }
}
