import { describe, expect, it } from 'vitest'
import { type AnyField, type Fields, Writer } from '../../../bytes/index.ts'
import type { Api } from '../../../heads/kafka/wire/api.ts'
import { apis, Metadata } from '../../../heads/kafka/wire/index.ts'
import { posthorn } from '../../kafka/stage.contract.ts'
import { dissectRequest, dissectResponse } from './frame.ts'
import { fieldLines } from './table.ts'

/** A value with one element in each array and a tag wherever there may be one. */
function sample(field: AnyField): unknown {
  const { kind } = field
  if (kind.element !== undefined) return [sample(kind.element)]
  if (kind.fields !== undefined) return sampleOf(kind.fields)
  if (kind.name === 'string') return 'text'
  if (kind.name === 'bytes') return Buffer.from('by')
  if (kind.name === 'records') return [Buffer.from('rec')]
  if (kind.name === 'bool') return true
  return kind.name === 'uuid' ? 'AAAAAAAAAAAAAAAAAAAAAQ' : 3
}

function sampleOf(fields: Fields): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, sample(field)]))
}

function encoded(api: Api, version: number, way: 'request' | 'response'): Buffer {
  const to = new Writer()
  if (way === 'request') {
    to.int16(api.key)
    to.int16(version)
  }
  to.int32(7)
  if (way === 'request') to.int16(-1)
  if (version >= api.flexibleSince && (way === 'request' || api.key !== 18)) to.uvarint(0)
  api[way].encode(to, sampleOf(api[way].fields), version)
  return Buffer.concat(to.finish())
}

const versions = apis.flatMap(api =>
  Array.from(
    { length: api.versions.max - api.versions.min + 1 },
    (_, n) => [api, api.versions.min + n] as const,
  ),
)

describe('a captured message', () => {
  it.each(versions.map(([api, version]) => [api.name, version, api] as const))(
    'of %s version %i is taken apart to its last byte, both ways',
    (_name, version, api) => {
      for (const way of ['request', 'response'] as const) {
        const bytes = encoded(api, version, way)
        const found = way === 'request' ? dissectRequest(bytes) : dissectResponse(bytes, api, version)
        expect(found.flaw).toBeUndefined()
        const covered = found.parts.reduce((sum, part) => sum + part.bytes, 0)
        expect(covered).toBeGreaterThan(0)
        expect(found.parts.map(part => part.offset)).toEqual(
          found.parts.map(part => part.offset).sort((a, b) => a - b),
        )
      }
    },
  )

  it('that is cut shows what is there, and where it breaks off', () => {
    const bytes = encoded(Metadata as Api, 12, 'response')
    for (let length = 5; length < bytes.length; length++) {
      const { parts, flaw } = dissectResponse(bytes.subarray(0, length), Metadata as Api, 12)
      expect(flaw, `${length} bytes`).toMatch(/at byte \d+/)
      expect(parts.every(part => part.offset + part.bytes <= length)).toBe(true)
    }
  })
})

describe('posthorn wire', () => {
  const wire = (...words: string[]) => posthorn('', ['wire', ...words])

  it('lists every API', async () => {
    const rows = (await wire('-o', 'jsonl')).rows()
    expect(rows.map(row => row.field)).toEqual(apis.map(api => api.name))
    expect(rows[0]).toMatchObject({ kind: 'key 0', versions: '0-13', notes: 'flexible from 9' })
  })

  it('prints the fields of one version only', () => {
    const paths = (version: number) =>
      fieldLines(Metadata as Api, version).map(({ way, path }) => `${way} ${path}`)
    expect(paths(12)).toContain('request topics[].topicId')
    expect(paths(1)).not.toContain('request topics[].topicId')
  })

  it('names the fields of a request with their places', async () => {
    const { out } = await wire('--hex', '0000000a0012 0000 00000001 ffff')
    expect(out).toMatch(/4\+2 +int16 +header\.apiKey +18/)
    const rows = (await wire('--hex', '00120000000000010003616263', '-o', 'jsonl')).rows()
    expect(rows.at(-1)).toMatchObject({ field: 'header.clientId', offset: 8, bytes: 5, value: '"abc"' })
  })

  it('says what does not fit', async () => {
    expect(await wire('--hex', '00120000000000010000ff')).toMatchObject({
      code: 0,
      err: expect.stringMatching(/does not fit ApiVersions version 0: 1 bytes are left/),
    })
  })

  it.each([
    [['Nope'], 64, /there is no API 'Nope'/],
    [['Fetch@3'], 64, /Fetch has no version 3 here: there are 4 to 17/],
    [['--hex', '0'], 64, /pairs of hex digits/],
    [['--hex', '00'], 65, /too short for a header/],
    [['--hex', '7fff000000000001ffff'], 65, /API key 32767/],
    [['--response', '--hex', '00000001'], 64, /name its API and version/],
  ])('refuses %j', async (words, code, message) => {
    expect(await wire(...words)).toMatchObject({ code, err: expect.stringMatching(message) })
  })
})
