// `posthorn wire`: Kafka's messages as tables, and captured bytes taken apart along them.

import { readFileSync } from 'node:fs'
import type { Api } from '../../../heads/kafka/wire/api.ts'
import { apis } from '../../../heads/kafka/wire/index.ts'
import { defineCommand } from '../../command.ts'
import { CommandError } from '../../exit.ts'
import { didYouMean } from '../../suggest.ts'
import { checkVersion, type Dissection, dissectRequest, dissectResponse } from './frame.ts'
import { shown } from './shown.ts'
import { fieldLines } from './table.ts'

const nothing = { versions: null, notes: null, offset: null, bytes: null, value: null }

export const wire = defineCommand({
  path: ['wire'],
  summary: "Print Kafka's messages as tables, or take captured bytes apart",
  description:
    'Alone it lists the APIs with their keys and versions. With an API it prints the fields of request and response, those of one version with NAME@VERSION. With --hex or --file it names each field of a captured message and its place; a request says itself what it is, of a response you must say it: NAME@VERSION --response.',
  examples: [
    { text: 'All APIs', command: 'posthorn wire' },
    { text: 'The fields of Heartbeat version 4', command: 'posthorn wire Heartbeat@4' },
    { text: 'A captured request', command: 'posthorn wire --hex 0000000a00120000000000010000' },
    { text: 'A captured response', command: 'posthorn wire Metadata@12 --response --file answer.bin' },
  ],
  arguments: [{ name: 'api', summary: 'NAME, or NAME@VERSION; a key does too' }],
  options: {
    hex: { type: 'string', summary: 'A captured message in hex; blanks and colons are skipped' },
    file: {
      type: 'string',
      short: 'f',
      valueName: 'path',
      summary: 'A captured message in a file, as bytes',
    },
    response: { type: 'boolean', summary: 'It is a response, not a request' },
  },
  columns: {
    part: { type: 'string', summary: 'api, request or response' },
    field: { type: 'string', summary: 'Name of the API, or path of the field' },
    kind: { type: 'string', summary: 'Kind of the field; the key of an API' },
    versions: { type: 'string', summary: 'Versions that have it', nullable: true },
    notes: { type: 'string', summary: 'Tag, null and default, as declared', nullable: true },
    offset: { type: 'integer', summary: 'First byte in what was captured', nullable: true },
    bytes: { type: 'integer', summary: 'Bytes in what was captured', nullable: true },
    value: { type: 'string', summary: 'Value in what was captured', nullable: true },
  },
  async run({ arguments: { api: word }, options, output }) {
    const captured = capturedBytes(options)
    const asked = word === undefined ? undefined : parseApi(word)
    const rows =
      captured === undefined
        ? described(asked)
        : dissected(captured, asked, options.response, output.warn.bind(output))
    if (output.format === 'table') await output.text(lines(rows, captured !== undefined))
    else await output.rows(rows)
  },
})

interface Asked {
  readonly api: Api
  readonly version: number | undefined
}

type Row = {
  readonly part: string
  readonly field: string
  readonly kind: string
  readonly versions: string | null
  readonly notes: string | null
  readonly offset: number | null
  readonly bytes: number | null
  readonly value: string | null
}

function described(asked: Asked | undefined): Row[] {
  if (asked === undefined)
    return apis.map(({ key, name, versions: { min, max }, flexibleSince }) => ({
      ...nothing,
      part: 'api',
      field: name,
      kind: `key ${key}`,
      versions: min === max ? String(min) : `${min}-${max}`,
      notes: Number.isFinite(flexibleSince) ? `flexible from ${flexibleSince}` : '',
    }))
  const { api, version } = asked
  if (version !== undefined) checkVersion(api, version)
  return fieldLines(api, version).map(({ way, path, kind, versions, notes }) => ({
    ...nothing,
    part: way,
    field: path,
    kind,
    versions,
    notes,
  }))
}

function dissected(
  bytes: Buffer,
  asked: Asked | undefined,
  isResponse: boolean,
  warn: (line: string) => void,
): Row[] {
  const { parts, way, flaw, api, version } = dissection(bytes, asked, isResponse)
  if (flaw !== undefined) warn(`this does not fit ${api.name} version ${version}: ${flaw}`)
  return parts.map(({ path, kind, offset, bytes: length, value }) => ({
    ...nothing,
    part: way,
    field: path,
    kind,
    offset,
    bytes: length,
    value: shown(value, kind),
  }))
}

function dissection(bytes: Buffer, asked: Asked | undefined, isResponse: boolean): Dissection {
  if (!isResponse) return dissectRequest(bytes)
  if (asked?.version !== undefined) return dissectResponse(bytes, asked.api, asked.version)
  throw new CommandError(
    'usage',
    'a response does not say what it is: name its API and version',
    'posthorn wire Metadata@12 --response --hex …',
  )
}

/** Blanks line up the columns; what is captured shows places and values, a table versions and notes. */
function lines(rows: readonly Row[], isCaptured: boolean): string {
  const cells = rows.map(row => {
    const where = isCaptured ? [`${row.offset}+${row.bytes}`] : [row.versions ?? '']
    return {
      part: row.part,
      cells: [...where, row.kind, row.field, isCaptured ? (row.value ?? '') : (row.notes ?? '')],
    }
  })
  const widths = [0, 1, 2].map(at => Math.max(0, ...cells.map(one => one.cells[at]?.length ?? 0)))
  const text: string[] = []
  let part = ''
  for (const one of cells) {
    if (one.part !== part && one.part !== 'api') text.push(`${text.length === 0 ? '' : '\n'}${one.part}`)
    part = one.part
    text.push(`  ${one.cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd())
  }
  return text.join('\n')
}

function parseApi(word: string): Asked {
  const [name = '', version] = word.split('@')
  const lower = name.toLowerCase()
  const api = apis.find(one => one.name.toLowerCase() === lower || String(one.key) === name)
  if (api === undefined) {
    const guess = didYouMean(
      name,
      apis.map(one => one.name),
    )
    throw new CommandError('usage', `there is no API '${name}'${guess}`, 'posthorn wire')
  }
  if (version === undefined) return { api, version: undefined }
  if (!/^\d+$/.test(version))
    throw new CommandError('usage', `'${version}' is no version: write ${api.name}@4`)
  return { api, version: Number(version) }
}

function capturedBytes({
  hex,
  file,
}: {
  readonly hex: string | undefined
  readonly file: string | undefined
}) {
  if (hex !== undefined && file !== undefined)
    throw new CommandError('usage', '--hex and --file contradict each other: give one of them')
  if (file !== undefined) return readFileSync(file)
  if (hex === undefined) return undefined
  const digits = hex.replace(/0x|[\s:]/g, '')
  if (digits.length % 2 === 1 || !/^[\da-f]*$/i.test(digits))
    throw new CommandError('usage', `--hex cannot be '${hex.slice(0, 40)}': write pairs of hex digits`)
  return Buffer.from(digits, 'hex')
}
