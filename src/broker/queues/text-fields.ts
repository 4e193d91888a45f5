// The headers of a stored message as headers exchanges see them when no head says better: texts, bytes where they are
// none.

import { isUtf8 } from 'node:buffer'
import type { RecordHeader } from '../../log/record/records.ts'
import type { FieldTable, FieldValue } from '../field-value.ts'

/** Of headers with one name the last counts. */
export function textFields(headers: readonly RecordHeader[]): FieldTable {
  const fields = new Map<string, FieldValue>()
  for (const { key, value } of headers)
    fields.set(key, value === null ? null : isUtf8(value) ? value.toString() : value)
  return fields
}
