// The options of `posthorn cat`, for all protocols.

import { codecs } from '../../../log/index.ts'
import { connectionOptions } from '../../kafka/options.ts'
import type { OptionSpecs } from '../../option.ts'

export const catOptions = {
  ...connectionOptions,
  produce: { type: 'boolean', summary: 'Produce, whatever standard input is' },
  consume: { type: 'boolean', short: 'c', summary: 'Consume, whatever standard input is' },
  partition: { type: 'integer', short: 'p', min: 0, repeated: true, summary: 'Only this partition' },
  count: { type: 'integer', short: 'n', min: 0, summary: 'Consume so many records, then end' },
  from: { type: 'string', valueName: 'place', default: 'start', summary: 'Begin to consume here' },
  exit: { type: 'boolean', short: 'e', summary: 'End when the end of now is reached' },
  group: { type: 'string', short: 'g', valueName: 'name', summary: 'Consume as a member of this group' },
  format: { type: 'string', short: 'f', default: '%v\\n', summary: 'Print records like this' },
  uncommitted: { type: 'boolean', summary: 'Also records of transactions that are open or aborted' },
  keyDelimiter: {
    type: 'string',
    short: 'k',
    summary: 'Produce: what ends the key in a record; of sockets: what is between the parts of a message',
  },
  delimiter: { type: 'string', short: 'd', default: '\\n', summary: 'Produce: what ends a record' },
  header: {
    type: 'string',
    repeated: true,
    valueName: 'name=value',
    summary: 'Produce: a header of all records',
  },
  codec: {
    type: 'choice',
    short: 'z',
    choices: codecs,
    default: 'none',
    summary: 'Produce: compress batches',
  },
  null: { type: 'boolean', summary: 'Produce: an empty key or value is null' },
  subscribe: {
    type: 'string',
    repeated: true,
    valueName: 'prefix',
    summary: 'sub: only what begins with this; dish: this group',
  },
  serverKey: { type: 'string', valueName: 'z85', summary: 'ZeroMQ: CURVE, with the server of this key' },
  property: {
    type: 'string',
    short: 'X',
    repeated: true,
    valueName: 'name=value',
    summary: 'Produce: a setting',
  },
} as const satisfies OptionSpecs
