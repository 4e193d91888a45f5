// The cryptography of CurveZMQ (RFC 26): crypto_box and crypto_secretbox of NaCl. The exchange of keys is Node's X25519, some
// fifteen times as fast as JavaScript's; XSalsa20 and Poly1305, which Node lacks, are those of libsodium for messages
// (fast-box.ts), and of @noble/ciphers for handshakes and until libsodium is ready.

import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto'
import { poly1305 } from '@noble/ciphers/_poly1305.js'
import { hsalsa, salsa20, xsalsa20poly1305 } from '@noble/ciphers/salsa.js'
import { type FastBox, fastBox } from './fast-box.ts'

export const KEY_BYTES = 32
export const TAG_BYTES = 16

export interface KeyPair {
  readonly publicKey: Buffer
  readonly secretKey: Buffer
}

export function generateKeyPair(): KeyPair {
  const { d = '', x = '' } = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' })
  return { publicKey: Buffer.from(x, 'base64url'), secretKey: Buffer.from(d, 'base64url') }
}

/** The public half of a secret key. */
export function publicKeyOf(secretKey: Buffer): Buffer {
  const { x = '' } = createPublicKey(privateObject(secretKey)).export({ format: 'jwk' })
  return Buffer.from(x, 'base64url')
}

/** The key that two parties share (crypto_box_beforenm). Errors: Node's own for a public key of low order. */
export function sharedKey(publicKey: Buffer, secretKey: Buffer): Buffer {
  const secret = diffieHellman({ privateKey: privateObject(secretKey), publicKey: publicObject(publicKey) })
  return subKey(secret, Buffer.alloc(16))
}

const SIGMA = Uint32Array.from([0x61707865, 0x3320646e, 0x79622d32, 0x6b206574])

function subKey(key: Buffer, nonce: Buffer): Buffer {
  const out = new Uint32Array(8)
  hsalsa(SIGMA, words(key), words(nonce), out)
  return Buffer.from(out.buffer)
}

function words(bytes: Buffer): Uint32Array {
  return Uint32Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readUInt32LE(at * 4))
}

/** Tag and ciphertext. */
export function seal(key: Buffer, nonce: Buffer, plain: Buffer): Buffer {
  return bufferOf(xsalsa20poly1305(key, nonce).encrypt(plain))
}

/** The plaintext, or undefined when it was not sealed with this key and nonce. */
export function open(key: Buffer, nonce: Buffer, sealed: Buffer): Buffer | undefined {
  if (sealed.length < TAG_BYTES) return undefined
  try {
    return bufferOf(xsalsa20poly1305(key, nonce).decrypt(sealed))
  } catch {
    return undefined
  }
}

/**
 * Many boxes under one key whose nonces begin with the same 16 bytes, as the messages of a connection do: XSalsa20's
 * first step depends on nothing else, so in JavaScript it is done once.
 */
export class BoxSeries {
  readonly #shared: Buffer
  /** All 24 bytes of a nonce, the last eight of them for the box at hand. */
  readonly #nonce: Buffer
  readonly #key: Buffer
  readonly #fast: () => FastBox | undefined

  /** `key` is what `sharedKey` gives. */
  constructor(key: Buffer, noncePrefix: Buffer, fast: () => FastBox | undefined = fastBox) {
    this.#shared = key
    this.#fast = fast
    this.#nonce = Buffer.concat([noncePrefix, Buffer.alloc(8)])
    this.#key = subKey(key, noncePrefix)
    fast() // asked for now, so that it is there for most messages
  }

  /** Seals in place what follows the first 32 bytes of `work`; afterwards tag and ciphertext are there from byte 16 on. */
  seal(nonce: Buffer, work: Buffer): void {
    const fast = this.#fast()
    if (fast !== undefined) {
      const plain = work.subarray(KEY_BYTES)
      work.set(fast.crypto_box_easy_afternm(plain, this.#whole(nonce), this.#shared), KEY_BYTES - TAG_BYTES)
      return
    }
    work.fill(0, 0, KEY_BYTES)
    salsa20(this.#key, nonce, work, work)
    const cipher = work.subarray(KEY_BYTES)
    const tag = poly1305(cipher, work.subarray(0, KEY_BYTES))
    work.set(tag, KEY_BYTES - TAG_BYTES)
  }

  /** The plaintext, or undefined for a forgery. */
  open(nonce: Buffer, sealed: Buffer): Buffer | undefined {
    if (sealed.length < TAG_BYTES) return undefined
    const fast = this.#fast()
    return fast === undefined ? this.#openSlowly(nonce, sealed) : this.#openFast(fast, nonce, sealed)
  }

  #openFast(fast: FastBox, nonce: Buffer, sealed: Buffer): Buffer | undefined {
    try {
      return bufferOf(fast.crypto_box_open_easy_afternm(sealed, this.#whole(nonce), this.#shared))
    } catch {
      return undefined // it throws for nothing else
    }
  }

  #openSlowly(nonce: Buffer, sealed: Buffer): Buffer | undefined {
    const work = Buffer.allocUnsafeSlow(KEY_BYTES - TAG_BYTES + sealed.length)
    work.fill(0, 0, KEY_BYTES)
    sealed.copy(work, KEY_BYTES, TAG_BYTES)
    const key = salsa20(this.#key, nonce, new Uint8Array(KEY_BYTES))
    const tag = poly1305(work.subarray(KEY_BYTES), key)
    let difference = 0
    for (let at = 0; at < TAG_BYTES; at++) difference |= (tag[at] as number) ^ (sealed[at] as number)
    if (difference !== 0) return undefined
    salsa20(this.#key, nonce, work, work)
    return work.subarray(KEY_BYTES)
  }

  #whole(nonce: Buffer): Buffer {
    nonce.copy(this.#nonce, this.#nonce.length - nonce.length)
    return this.#nonce
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function privateObject(secretKey: Buffer): KeyObject {
  // RFC 8410: the 32 bytes behind a fixed head.
  const der = Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), secretKey])
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
}

function publicObject(publicKey: Buffer): KeyObject {
  const der = Buffer.concat([Buffer.from('302a300506032b656e032100', 'hex'), publicKey])
  return createPublicKey({ key: der, format: 'der', type: 'spki' })
}
