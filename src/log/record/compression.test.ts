// Goal: every codec reads what other programs write, gives back what it wrote, and stops at its limit; damage of any
// kind is LOG_BATCH_INVALID. Clauses: RFC 1952, RFC 8878, the format documents of snappy and LZ4, xerial framing.
//
// The vectors were made with Python 3 and the packages lz4, zstandard and python-snappy; `how` is the call. The text is
// b''.join(b'line %d of the vector\n' % i for i in range(40)), 870 bytes.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LogError } from '../errors.ts'
import { type Codec, codecs } from './batch.ts'
import { compress, decompress } from './compression.ts'

interface Vector {
  readonly codec: Codec
  readonly what: string
  readonly how: string
  readonly hex: string
}

const text = Buffer.from(Array.from({ length: 40 }, (_, i) => `line ${i} of the vector\n`).join(''))

const vectors: readonly Vector[] = [
  {
    codec: 'gzip',
    what: 'gzip',
    how: 'gzip.compress(text, mtime=0)',
    hex:
      '1f8b08000000000002036dd24b0a02411044c1bda7e82358597ecf232d0a830332787e712bb17dab0ab296e76b8efd58' +
      'ef637bccf199b76d7def965f2cc528b6e241f1a878523c2b5e14af3cde249a8aa8a2aac82aba8ab0a2ac482bda425bbc' +
      '176da12db485b6d016da425b686bda9ab6f633d2d6b4356d4d5bd3d6b4f5bfed0b720350bc66030000',
  },
  {
    codec: 'snappy',
    what: 'raw block',
    how: 'snappy.compress(text)',
    hex:
      'e606506c696e652030206f662074686520766563746f720a051500314e150000324e150000334e150000344e15000035' +
      '4e150000364e150000374e150000384e150000394e1500003156d30052d400003152d500003152d600003152d7000031' +
      '52d800003152d900003152da00003152db00003152dc00003252dc00003252dc000432324e1e01003252dc00003252dc' +
      '00003252dc00003252dc00003252dc00003252dc00003252dc00003352dc00003352dc00003352dc00003352dc000033' +
      '52dc00003352dc00003352dc00003352dc00003352dc0000333edc00',
  },
  {
    codec: 'snappy',
    what: 'xerial framing with two blocks',
    how: 'magic + struct.pack(">ii", 1, 1) + per half struct.pack(">i", len(b)) + b',
    hex:
      '82534e4150505900000000010000000100000087f403506c696e652030206f662074686520766563746f720a05150031' +
      '4e150000324e150000334e150000344e150000354e150000364e150000374e150000384e150000394e1500003156d300' +
      '52d400003152d500003152d600003152d700003152d800003152d900003152da00003152db00003152dc00003252dc00' +
      '003252dc000432324a1e0100000069f20260203233206f662074686520766563746f720a6c696e652032345216000035' +
      '52160000365216000037521600003852160000394e16000433305216000031521600003252160052dc00003352dc0000' +
      '3352dc00003352dc00003352dc00003352dc0000333edc00',
  },
  {
    codec: 'lz4',
    what: 'frame without size and checksums',
    how: 'lz4.frame.compress(text, store_size=False)',
    hex:
      '04224d18604082e0000000f1066c696e652030206f662074686520766563746f720a15001f311500011f321500011f33' +
      '1500011f341500011f351500011f361500011f371500011f381500011f391500011f31d300030fd400021f31d500021f' +
      '31d600021f31d700021f31d800021f31d900021f31da00021f31db00021f31dc00021f32dc00021f32dc00021f32dc00' +
      '021f32dc00021f32dc00021f32dc00021f32dc00021f32dc00021f32dc00021f32dc00021f33dc00021f33dc00021f33' +
      'dc00021f33dc00021f33dc00021f33dc00021f33dc00021f33dc00021f33dc00021733dc005063746f720a00000000',
  },
  {
    codec: 'lz4',
    what: 'frame with content size, block and content checksum',
    how: 'lz4.frame.compress(text, store_size=True, content_checksum=True, block_checksum=True, block_linked=False)',
    hex:
      '04224d187c40660300000000000019e0000000f1066c696e652030206f662074686520766563746f720a15001f311500' +
      '011f321500011f331500011f341500011f351500011f361500011f371500011f381500011f391500011f31d300030fd4' +
      '00021f31d500021f31d600021f31d700021f31d800021f31d900021f31da00021f31db00021f31dc00021f32dc00021f' +
      '32dc00021f32dc00021f32dc00021f32dc00021f32dc00021f32dc00021f32dc00021f32dc00021f32dc00021f33dc00' +
      '021f33dc00021f33dc00021f33dc00021f33dc00021f33dc00021f33dc00021f33dc00021f33dc00021733dc00506374' +
      '6f720a925835220000000016e00429',
  },
  {
    codec: 'lz4',
    what: 'three linked blocks with checksums',
    how: 'LZ4FrameCompressor(block_linked=True, auto_flush=True, block_checksum=True, content_checksum=True), fed 300+300+270 bytes',
    hex:
      '04224d185440ae5e000000f1066c696e652030206f662074686520766563746f720a15001f311500011f321500011f33' +
      '1500011f341500011f351500011f361500011f371500011f381500011f391500011f31d300030fd400021f31d5000219' +
      '31d600506f720a6c696dc86409500000004f6e652031d700021f31d800021f31d900021f31da00021f31db00021f31dc' +
      '00021f32dc00021f32dc00021f32dc00021f32dc00021f32dc00021f32dc00021f32dc0002b03237206f662074686520' +
      '76a09c095c4c000000cf6563746f720a6c696e652032dc00021f32dc00021f33dc00021f33dc00021f33dc00021f33dc' +
      '00021f33dc00021f33dc00021f33dc00021f33b801021f33dc00021733dc005063746f720a917e38b60000000016e004' +
      '29',
  },
  {
    codec: 'zstd',
    what: 'frame with content size and checksum',
    how: 'ZstdCompressor(level=3, write_content_size=True, write_checksum=True).compress(text)',
    hex:
      '28b52ffd646602350400b4036c696e652030206f662074686520766563746f720a313233343536373839313131313131' +
      '3131313232323232323232323233333333333333333333282080a3d203887cf7639ff8ee633ff9cec73ef1ddc77cf2dd' +
      'c77ef29d8f7df2775f3fe6f593aedf71fdd8d64fb47e97f563583fb9fa81957234430b7d68460bfa68464ba7370a9109' +
      '08c87a02',
  },
  {
    codec: 'zstd',
    what: 'frame of two blocks without content size',
    how: 'compressobj(write_content_size=False), flushed after 400 bytes',
    hex:
      '28b52ffd0058fc020034036c696e652030206f662074686520766563746f720a6c696e65203132333435363738393131' +
      '31313131313138206f662074686511005dfb846bdf6ded635afb246bdf61ede3ab7d66350a03b400fa00cd002d803e40' +
      '33400ba0ef48cf311d0200a0323232323232323232323333333333333333333316000011f01df818f8047c073e063e01' +
      'df818f814fc077e063e013f01df818f8047c073e063e81efbef685a1bc80',
  },
]

const compressing = codecs.filter(codec => codec !== 'none')
const MAX = 1 << 20

/** The error of `run`; anything but a LogError LOG_BATCH_INVALID fails the test. */
function refusalOf(run: () => unknown): LogError | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    expect(error).toBeInstanceOf(LogError)
    expect((error as LogError).code).toBe('LOG_BATCH_INVALID')
    return error as LogError
  }
}

describe('blocks of other programs', () => {
  it.each(vectors)('$codec: inflates a $what', ({ codec, hex }) => {
    const block = Buffer.from(hex, 'hex')
    expect(decompress(codec, block, MAX).equals(text)).toBe(true)
    expect(decompress(codec, block, text.length).equals(text)).toBe(true)
  })

  it.each(vectors)('$codec: refuses a $what at one byte below its size', ({ codec, hex }) => {
    const error = refusalOf(() => decompress(codec, Buffer.from(hex, 'hex'), text.length - 1))
    expect(error?.message).toContain(
      `${codec} block inflates to more than the limit of ${text.length - 1} bytes`,
    )
    expect(error?.fields).toMatchObject({ codec, maxBytes: text.length - 1 })
  })

  it.each(vectors)('$codec: refuses every prefix of a $what', ({ codec, what, hex }) => {
    const block = Buffer.from(hex, 'hex')
    const wholeBlocks = what.startsWith('xerial') ? [16, 16 + 4 + 135] : [] // that framing has no end mark
    for (let length = 0; length < block.length; length++) {
      const error = refusalOf(() => decompress(codec, block.subarray(0, length), MAX))
      expect(error?.fields.codec).toBe(wholeBlocks.includes(length) ? undefined : codec)
    }
  })

  it.each(vectors)('$codec: survives every flipped bit of a $what', ({ codec, hex }) => {
    const block = Buffer.from(hex, 'hex')
    for (let bit = 0; bit < block.length * 8; bit++) {
      const flipped = Buffer.from(block)
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
      refusalOf(() => expect(decompress(codec, flipped, 8192).length).toBeLessThanOrEqual(8192))
    }
  })

  it.each(vectors.filter(vector => vector.what !== 'raw block'))(
    '$codec: inflates two of $what joined end to end',
    ({ codec, hex }) => {
      const inflated = decompress(codec, Buffer.from(hex + hex, 'hex'), MAX)
      expect(inflated.equals(Buffer.concat([text, text]))).toBe(true)
    },
  )
})

describe.each(compressing)('%s', codec => {
  it('gives back what it compressed, whatever the bytes', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc
        .tuple(fc.uint8Array({ maxLength: 20 }), fc.nat(6000))
        .map(([bytes, times]) => repeated(bytes, times)),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), pieces => {
        const bytes = Buffer.concat(pieces)
        const block = compress(codec, bytes)
        expect(decompress(codec, block, bytes.length).equals(bytes)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it.each([0, 1, 32767, 32768, 32769, 65535, 65536, 65537, 300_000])('gives back %i bytes', length => {
    const mixed = Buffer.from(Array.from({ length }, (_, i) => (i % 4096 < 2048 ? i * i * 31 : i >> 9)))
    expect(decompress(codec, compress(codec, mixed), length).equals(mixed)).toBe(true)
  })

  it('makes text smaller', () => {
    expect(compress(codec, text).length).toBeLessThan(text.length / 2)
  })

  it('gives the same block for the same bytes', () => {
    const before = compress(codec, text)
    compress(codec, Buffer.alloc(5000, 'other'))
    expect(compress(codec, text).equals(before)).toBe(true)
  })

  it('refuses a bomb without taking memory beyond the limit', () => {
    const bomb = compress(codec, Buffer.alloc(64 << 20))
    const before = process.memoryUsage().arrayBuffers
    const error = refusalOf(() => decompress(codec, bomb, MAX))
    expect(error?.message).toContain(`more than the limit of ${MAX} bytes`)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * MAX)
  })

  it('refuses random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        refusalOf(() => decompress(codec, Buffer.from(bytes), 4096))
      }),
    )
  })
})

describe('a lie about the size', () => {
  it('snappy: is refused when a block so small cannot hold it', () => {
    const lie = Buffer.from('ffffff0700', 'hex') // says 16 MiB
    expect(refusalOf(() => decompress('snappy', lie, 1 << 30))?.message).toContain(
      'cannot inflate to 16777215',
    )
  })

  it('zstd: is refused when the blocks cannot hold it', () => {
    const lie = Buffer.from('28b52ffda0ffffff7f010000', 'hex') // says 2 GiB, then one empty block
    expect(refusalOf(() => decompress('zstd', lie, 2 ** 32))?.message).toContain('hold at most 0')
  })

  it('zstd: stops at the limit when the size is not stated', () => {
    const rle = Buffer.from('0200100000'.slice(0, 8), 'hex') // RLE block of 128 KiB
    const frame = Buffer.concat([Buffer.from('28b52ffd0058', 'hex'), ...Array(1000).fill(rle)])
    frame[frame.length - 4] = 0x03
    expect(refusalOf(() => decompress('zstd', frame, MAX))?.message).toContain('more than the limit')
  })
})

describe('none', () => {
  it('gives the same buffer, within the limit', () => {
    expect(compress('none', text)).toBe(text)
    expect(decompress('none', text, text.length)).toBe(text)
    expect(refusalOf(() => decompress('none', text, text.length - 1))?.message).toContain('limit of 869')
  })
})

function repeated(bytes: Uint8Array, times: number): Uint8Array {
  return Buffer.concat(Array(times).fill(bytes))
}
