// Zstandard (RFC 8878). Node has it from 22.15; before that a WebAssembly build serves. Either way the frames are first
// walked here, block by block (section 3.1.1): that gives the most that a frame can inflate to, so that memory is
// asked for once and never beyond the limit, and it cuts frames that were joined end to end.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import * as zlib from 'node:zlib'
import { damaged, tooLarge } from '../refusal.ts'
import { isTooLarge } from './gzip.ts'
import { zstdFrames } from './zstd-frame.ts'

/** One way to do it. `inflate` gives undefined when the frame needs more than `capacity` bytes. */
export interface ZstdEngine {
  readonly compress: (bytes: Buffer) => Buffer
  readonly inflate: (frame: Buffer, capacity: number) => Buffer | undefined
}

/** The parts of @bokuweb/zstd-wasm that are used, and its Emscripten module, whose hook lets it start synchronously. */
interface WasmLibrary {
  readonly compress: (bytes: Uint8Array, level: number) => Uint8Array
  readonly decompress: (bytes: Uint8Array, options: { readonly defaultHeapSize: number }) => Uint8Array
}
interface WasmModule {
  instantiateWasm?: (imports: object, ready: (made: object) => void) => void
  readonly init: () => void
}
/** What is used of the global of this name; Node's types lack it. */
interface WebAssemblyGlobal {
  readonly Module: new (bytes: Buffer) => object
  readonly Instance: new (module: object, imports: object) => object
}
/** What zlib has from Node 22.15 on. */
interface ZlibZstd {
  readonly zstdCompressSync?: (bytes: Buffer) => Buffer
  readonly zstdDecompressSync?: (bytes: Buffer, options: { readonly maxOutputLength: number }) => Buffer
}

/** Kafka's default for compression.zstd.level. */
const LEVEL = 3
/** The WebAssembly heap ends at 2 GiB and has to hold input and output. */
const WASM_OUTPUT_MAX = 1024 * 1024 * 1024
/** ZSTD_error_dstSize_tooSmall, as the library's text has it. */
const OUTPUT_TOO_SMALL = /code -70$/

let engine: ZstdEngine | undefined

/** One frame at Kafka's default level. */
export function compressZstd(bytes: Buffer): Buffer {
  engine ??= nodeEngine() ?? wasmEngine()
  return engine.compress(bytes)
}

/** Inflates one or more frames. Errors: LOG_BATCH_INVALID when damaged or larger than `maxBytes`. */
export function decompressZstd(bytes: Buffer, maxBytes: number): Buffer {
  engine ??= nodeEngine() ?? wasmEngine()
  return decompressZstdWith(engine, bytes, maxBytes)
}

/** The same by a given engine: tests run all that there are. */
export function decompressZstdWith(by: ZstdEngine, bytes: Buffer, maxBytes: number): Buffer {
  const parts: Buffer[] = []
  let room = maxBytes
  for (const frame of zstdFrames(bytes)) {
    if ((frame.contentBytes ?? 0) > room) throw tooLarge('zstd', maxBytes)
    const part = inflate(by, frame.bytes, Math.min(room, frame.bound))
    if (part === undefined) throw tooLarge('zstd', maxBytes)
    parts.push(part)
    room -= part.length
  }
  const [only] = parts
  return only !== undefined && parts.length === 1 ? only : Buffer.concat(parts)
}

function inflate(by: ZstdEngine, frame: Buffer, capacity: number): Buffer | undefined {
  try {
    return by.inflate(frame, capacity)
  } catch (cause) {
    throw damaged('zstd', cause instanceof Error ? cause.message : String(cause), cause)
  }
}

/** Node's own, or undefined below 22.15. */
export function nodeEngine(): ZstdEngine | undefined {
  const { zstdCompressSync, zstdDecompressSync } = zlib as ZlibZstd
  if (zstdCompressSync === undefined || zstdDecompressSync === undefined) return undefined
  return {
    compress: bytes => zstdCompressSync(bytes),
    inflate: (frame, capacity) => {
      try {
        const inflated = zstdDecompressSync(frame, { maxOutputLength: Math.max(1, capacity) })
        return inflated.length > capacity ? undefined : inflated
      } catch (error) {
        if (isTooLarge(error)) return undefined
        throw error
      }
    },
  }
}

/** The WebAssembly build. Its heap grows to what the largest block needed and stays. */
export function wasmEngine(): ZstdEngine {
  const library = loadWasm()
  return {
    compress: bytes => viewed(library.compress(bytes, LEVEL)),
    inflate: (frame, capacity) => {
      try {
        return viewed(library.decompress(frame, { defaultHeapSize: Math.min(capacity, WASM_OUTPUT_MAX) }))
      } catch (error) {
        if (error instanceof Error && OUTPUT_TOO_SMALL.test(error.message)) return undefined
        throw error
      }
    },
  }
}

/** The library's own start is a promise; codecs are called synchronously, so the module is made here. */
function loadWasm(): WasmLibrary {
  const require = createRequire(import.meta.url)
  const path = require.resolve('@bokuweb/zstd-wasm')
  const { Module } = createRequire(path)('./module.js') as { readonly Module: WasmModule }
  const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyGlobal }
  const compiled = new WebAssembly.Module(readFileSync(join(dirname(path), 'zstd.wasm')))
  Module.instantiateWasm = (imports, ready) => ready(new WebAssembly.Instance(compiled, imports))
  Module.init()
  return require(path) as WasmLibrary
}

function viewed(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
