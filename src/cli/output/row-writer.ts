// The machine formats of `-o`, each as a writer of rows one by one, so that an endless result streams.

import { type Columns, type Json, jsonText, type Row } from './columns.ts'
import { csvLine } from './csv.ts'
import type { MachineFormat } from './format.ts'
import { yamlItem } from './yaml.ts'

/** Text before the rows, of each row, and after the last. */
export interface RowWriter {
  open(): string
  row(row: Row, index: number): string
  close(count: number): string
}

/** A writer of exported rows. */
export function rowWriter(format: MachineFormat, columns: Columns): RowWriter {
  const keys = Object.keys(columns)
  const writers: Readonly<Record<MachineFormat, RowWriter>> = {
    json: {
      open: () => '[',
      row: (row, index) => `${index === 0 ? '' : ','}\n  ${indented(row)}`,
      close: count => (count === 0 ? ']\n' : '\n]\n'),
    },
    jsonl: { open: none, row: row => `${jsonText(row)}\n`, close: none },
    yaml: { open: none, row: row => yamlItem(row), close: count => (count === 0 ? '[]\n' : '') },
    csv: {
      open: () => `${csvLine(keys)}\n`,
      row: row => `${csvLine(keys.map(key => row[key] ?? null))}\n`,
      close: none,
    },
  }
  return writers[format]
}

function none(): string {
  return ''
}

function indented(value: Json): string {
  return jsonText(value, 2).replaceAll('\n', '\n  ')
}
