// Errors of the ZeroMQ room. Code, number and text are those that programs written for `zeromq` 6 test for (its
// util/error.h and zmq_strerror), so the text is fixed and details go into `detail`.

/** errno of Linux, and libzmq's own from ZMQ_HAUSNUMERO (156384712) on. */
export const zmqErrors = {
  ENOENT: { errno: 2, text: 'No such endpoint' },
  EAGAIN: { errno: 11, text: 'Operation was not possible or timed out' },
  EBADF: { errno: 9, text: 'Socket is closed' },
  EACCES: { errno: 13, text: 'Permission denied' },
  EFAULT: { errno: 14, text: 'Context is closed' },
  EBUSY: { errno: 16, text: 'Socket is busy' },
  ENODEV: { errno: 19, text: 'No such device' },
  EINVAL: { errno: 22, text: 'Invalid argument' },
  EMFILE: { errno: 24, text: 'Too many open file descriptors' },
  ENAMETOOLONG: { errno: 36, text: 'File name too long' },
  EPROTO: { errno: 71, text: 'Protocol error' },
  EMSGSIZE: { errno: 90, text: 'Message too long' },
  EPROTONOSUPPORT: { errno: 93, text: 'Protocol not supported' },
  ENOTSUP: { errno: 95, text: 'Operation not supported' },
  EADDRINUSE: { errno: 98, text: 'Address already in use' },
  EADDRNOTAVAIL: { errno: 99, text: 'Cannot assign requested address' },
  EPIPE: { errno: 32, text: 'Broken pipe' },
  ECONNABORTED: { errno: 103, text: 'Software caused connection abort' },
  ECONNRESET: { errno: 104, text: 'Connection reset by peer' },
  ETIMEDOUT: { errno: 110, text: 'Connection timed out' },
  ECONNREFUSED: { errno: 111, text: 'Connection refused' },
  EHOSTUNREACH: { errno: 113, text: 'Host unreachable' },
  EFSM: { errno: 156_384_763, text: 'Operation cannot be accomplished in current state' },
  ENOCOMPATPROTO: { errno: 156_384_764, text: 'The protocol is not compatible with the socket type' },
  ETERM: { errno: 156_384_765, text: 'Context was terminated' },
} as const

export type ZmqErrorCode = keyof typeof zmqErrors

/** What a call on a socket failed with. */
export class ZmqError extends Error {
  readonly code: ZmqErrorCode
  readonly errno: number
  /** The endpoint that was bound or connected to. */
  declare readonly address?: string

  constructor(code: ZmqErrorCode, { text, address, cause }: ZmqErrorDetails = {}) {
    super(text ?? zmqErrors[code].text, cause === undefined ? undefined : { cause })
    this.code = code
    this.errno = zmqErrors[code].errno
    if (address !== undefined) this.address = address
  }
}

export interface ZmqErrorDetails {
  /** Instead of the table's text. */
  readonly text?: string
  readonly address?: string
  readonly cause?: unknown
}

/** What a peer did wrong; the connection ends. Names as libzmq's ZMQ_PROTOCOL_ERROR_*. */
export const protocolFlaws = [
  'ERR_ZMTP_UNSPECIFIED',
  'ERR_ZMTP_UNEXPECTED_COMMAND',
  'ERR_ZMTP_INVALID_SEQUENCE',
  'ERR_ZMTP_KEY_EXCHANGE',
  'ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED',
  'ERR_ZMTP_MALFORMED_COMMAND_MESSAGE',
  'ERR_ZMTP_MALFORMED_COMMAND_HELLO',
  'ERR_ZMTP_MALFORMED_COMMAND_INITIATE',
  'ERR_ZMTP_MALFORMED_COMMAND_ERROR',
  'ERR_ZMTP_MALFORMED_COMMAND_READY',
  'ERR_ZMTP_MALFORMED_COMMAND_WELCOME',
  'ERR_ZMTP_INVALID_METADATA',
  'ERR_ZMTP_CRYPTOGRAPHIC',
  'ERR_ZMTP_MECHANISM_MISMATCH',
  'ERR_ZAP_UNSPECIFIED',
  'ERR_ZAP_MALFORMED_REPLY',
  'ERR_ZAP_BAD_REQUEST_ID',
  'ERR_ZAP_BAD_VERSION',
  'ERR_ZAP_INVALID_STATUS_CODE',
  'ERR_ZAP_INVALID_METADATA',
] as const

export type ProtocolFlaw = (typeof protocolFlaws)[number]

/** The peer, or a ZAP handler, does not keep to the protocol. The message is the package's; `detail` says what was seen. */
export class ProtocolError extends Error {
  readonly code: ProtocolFlaw
  readonly detail: string
  constructor(code: ProtocolFlaw, detail: string) {
    super(code.startsWith('ERR_ZAP') ? 'ZAP protocol error' : 'ZMTP protocol error')
    this.code = code
    this.detail = detail
  }
}

/** Statuses of ZAP but for 200, and the package's texts for them. */
const authenticationTexts = {
  300: 'Temporary error',
  400: 'Authentication failure',
  500: 'Internal error',
} as const

export type AuthenticationStatus = keyof typeof authenticationTexts

/** The peer was, or we were, refused: a ZAP status (RFC 27) or the reason of an ERROR command. */
export class AuthenticationError extends Error {
  /** 300 temporary, 400 refused, 500 internal. */
  readonly status: AuthenticationStatus
  /** What the handler, or the peer, gave as its reason. */
  readonly detail: string
  constructor(status: AuthenticationStatus, detail: string) {
    super(authenticationTexts[status])
    this.status = status
    this.detail = detail
  }
}
