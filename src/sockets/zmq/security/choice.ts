// Which mechanism a socket's options mean, and what its keys are (zmq_curve(7), zmq_plain(7)).

import { ZmqError } from '../errors.ts'
import type { SocketOptionValues } from '../options.ts'
import { z85Decode } from '../wire/z85.ts'
import { publicKeyOf } from './box.ts'
import { curveClient, curveServer } from './curve.ts'
import type { Mechanism, MechanismContext, MechanismName } from './mechanism.ts'
import { nullMechanism } from './null.ts'
import { plainClient, plainServer } from './plain.ts'

/** libzmq takes what was set last; here a key beats a password, and a password beats nothing. */
export function mechanismOf(options: SocketOptionValues): MechanismName {
  if (options.curveServer || options.curveServerKey !== null) return 'CURVE'
  if (options.plainServer || options.plainUsername !== null || options.plainPassword !== null) return 'PLAIN'
  return 'NULL'
}

/** Whether we are the side that is authenticated to. */
export function isServer(options: SocketOptionValues): boolean {
  const mechanism = mechanismOf(options)
  return mechanism === 'CURVE' ? options.curveServer : mechanism === 'PLAIN' && options.plainServer
}

/** A machine for one connection. Errors: ZmqError EINVAL for keys that are missing. */
export function openMechanism(options: SocketOptionValues, context: MechanismContext): Mechanism {
  switch (mechanismOf(options)) {
    case 'NULL':
      return nullMechanism(context)
    case 'PLAIN':
      return options.plainServer
        ? plainServer(context)
        : plainClient(context, {
            username: options.plainUsername ?? '',
            password: options.plainPassword ?? '',
          })
    case 'CURVE': {
      const secretKey = keyIn(options.curveSecretKey)
      if (options.curveServer) return curveServer(context, { secretKey })
      const client = { publicKey: publicKeyOf(secretKey), secretKey }
      return curveClient(context, { client, serverKey: keyIn(options.curveServerKey) })
    }
  }
}

/** The 32 bytes of a key. Errors: ZmqError EINVAL. */
export function keyIn(text: string | null): Buffer {
  if (text === null || text.length !== 40) throw new ZmqError('EINVAL')
  try {
    return z85Decode(text)
  } catch (cause) {
    throw new ZmqError('EINVAL', { cause })
  }
}
