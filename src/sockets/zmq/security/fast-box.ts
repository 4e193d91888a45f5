// libsodium's crypto_box, compiled to WebAssembly: two to four times as fast as JavaScript's. It takes some 30 ms to be made
// ready, and cannot be waited for in the middle of a handshake; so it is asked for when the first connection with CURVE
// begins, and whoever seals before it is there uses JavaScript. Both give the same bytes.

import { emitWarning } from 'node:process'

/** What is used of libsodium (crypto_box_easy_afternm(3)): sealed is the tag, then the ciphertext. */
export interface FastBox {
  crypto_box_easy_afternm(plain: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array
  /** Throws for a forgery. */
  crypto_box_open_easy_afternm(sealed: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array
}

let box: FastBox | undefined
let loading: Promise<void> | undefined

/** Undefined while it is not ready; the first call asks for it. */
export function fastBox(): FastBox | undefined {
  loading ??= load()
  return box
}

/** Resolves when it is ready, or it is clear that it cannot be had. */
export function fastBoxLoaded(): Promise<void> {
  loading ??= load()
  return loading
}

async function load(): Promise<void> {
  try {
    const { default: sodium } = await import('libsodium-wrappers')
    await sodium.ready
    box = sodium
  } catch (error) {
    emitWarning(`CURVE is slow, for libsodium-wrappers cannot be loaded: ${String(error)}`, 'PosthornWarning')
  }
}
