// The formats of `-o`: `table` and `wide` for people, the others for programs. Only the names are here, because every
// invocation needs them; the writers are imported by the one that prints.

/** Every word that -o takes. `schema` prints the JSON Schema in place of running the command. */
export const formats = ['table', 'wide', 'json', 'jsonl', 'yaml', 'csv', 'off', 'schema'] as const

export type Format = (typeof formats)[number]
export type MachineFormat = 'json' | 'jsonl' | 'yaml' | 'csv'

/** True for the formats that people read. */
export function isForPeople(format: Format): format is 'table' | 'wide' {
  return format === 'table' || format === 'wide'
}
