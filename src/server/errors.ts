// What can keep a server from starting, one code each, with what to do next. What Node and the rooms below say stays
// the cause.

/** Every code of this room: what to do next. */
export const serverErrors = {
  SERVER_CONFIG_INVALID: { next: 'correct it and check with posthorn serve --check' },
  SERVER_LISTENER_OPEN: {
    next: 'name a login (sasl), listen on 127.0.0.1, or allow it by name (allowAnonymous)',
  },
  SERVER_PASSWORDS_READABLE: {
    next: 'use TLS or SCRAM, listen on 127.0.0.1, or allow it by name (allowPlainWithoutTls)',
  },
  SERVER_ADDRESS_IN_USE: { next: 'stop the other program, or choose another port' },
  SERVER_ADDRESS_FORBIDDEN: { next: 'choose a port above 1023, or give the process the right to it' },
  SERVER_ADDRESS_UNKNOWN: { next: 'choose an address that this machine has, such as 127.0.0.1 or 0.0.0.0' },
  SERVER_TLS_UNUSABLE: { next: 'check certificate, key and passphrase: PEM, and made for each other' },
} as const

export type ServerErrorCode = keyof typeof serverErrors

/** An error of the server. `fields` are the values that the message names, for programs. */
export class ServerError extends Error {
  override readonly name = 'ServerError'
  readonly code: ServerErrorCode
  readonly fields: Readonly<Record<string, string | number>>

  constructor(
    code: ServerErrorCode,
    message: string,
    fields: Readonly<Record<string, string | number>> = {},
    cause?: unknown,
  ) {
    super(`${message} (${code}: ${serverErrors[code].next})`, cause === undefined ? undefined : { cause })
    this.code = code
    this.fields = fields
  }
}

/** The error of a listener that could not be opened, by Node's code; anything else is given back as it is. */
export function listenError(error: unknown, listener: string, address: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const fields = { listener, address }
  const where = `listener '${listener}': ${address}`
  if (code === 'EADDRINUSE')
    return new ServerError('SERVER_ADDRESS_IN_USE', `${where} is taken by another program`, fields, error)
  if (code === 'EACCES' || code === 'EPERM')
    return new ServerError('SERVER_ADDRESS_FORBIDDEN', `${where} is not allowed to this user`, fields, error)
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EAFNOSUPPORT')
    return new ServerError(
      'SERVER_ADDRESS_UNKNOWN',
      `${where} is not an address of this machine`,
      fields,
      error,
    )
  if (code.startsWith('ERR_OSSL') || code.startsWith('ERR_TLS') || code.startsWith('ERR_CRYPTO'))
    return new ServerError(
      'SERVER_TLS_UNUSABLE',
      `listener '${listener}': TLS cannot be set up: ${error instanceof Error ? error.message : code}`,
      fields,
      error,
    )
  return error
}
