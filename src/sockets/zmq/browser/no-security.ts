// PLAIN and CURVE are chosen by sub-protocols that a page can't ask for (ws-protocols.ts). Stands for security/plain.ts, curve.ts
// and box.ts in the bundle; `wss://` is the way to secrecy there.

import { ZmqError } from '../errors.ts'
import type { Mechanism } from '../security/mechanism.ts'

function refused(): never {
  throw new ZmqError('ENOTSUP', { text: 'A browser has neither PLAIN nor CURVE: use wss://' })
}

export const plainClient: () => Mechanism = refused
export const plainServer: () => Mechanism = refused
export const curveClient: () => Mechanism = refused
export const curveServer: () => Mechanism = refused
export const publicKeyOf: () => Buffer = refused
