// `posthorn cat`: standard input into a topic, or a topic to standard output. After kcat, whose letters it keeps where
// they are free.

import { codecs } from '../../log/index.ts'
import { defineCommand } from '../command.ts'
import { connectionOptions, withClient } from '../kafka/options.ts'
import { parseTarget } from '../kafka/target.ts'
import { isForPeople } from '../output/format.ts'
import { recordColumns } from './cat/row.ts'

export const cat = defineCommand({
  path: ['cat'],
  summary: 'Write standard input into a topic, or a topic to standard output',
  description: `Produces when something is piped into it, one record a line, and consumes otherwise; --produce and --consume say it outright, and every option of consuming implies the latter.

Consuming begins at the start of the topic, or where the group (-g) has stopped, and goes on until Ctrl-C; -e ends at the end of now, -n after so many records. --from takes start, end, an offset, -N for the last N of each partition, a time (2026-01-31T12:00:00Z) or how long ago (15m). The format (-f) knows %v value, %k key, %h headers, %t topic, %p partition, %o offset, %T timestamp, %S and %K lengths, and \\n, \\t, \\x00. With -o jsonl each record is an object; what is not UTF-8 comes in base64, and says so.

Producing (-X) takes acks, linger.ms, batch.size and enable.idempotence.`,
  examples: [
    { text: 'One record a line', command: 'posthorn cat kafka://127.0.0.1:9092/orders < orders.txt' },
    { text: 'With keys', command: "echo 'k1:hello' | posthorn cat kafka://127.0.0.1:9092/orders -k :" },
    { text: 'Everything that is there', command: 'posthorn cat kafka://127.0.0.1:9092/orders -e' },
    {
      text: 'The last ten, with offsets',
      command: "posthorn cat kafka:///orders --from -10 -e -f '%p/%o %k: %v\\n'",
    },
    { text: 'As JSON, as a member of a group', command: 'posthorn cat kafka:///orders -g billing -o jsonl' },
  ],
  arguments: [
    { name: 'url', summary: 'kafka://host:port/topic; without host, --brokers says where', required: true },
  ],
  options: {
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
    keyDelimiter: { type: 'string', short: 'k', summary: 'Produce: what ends the key in a record' },
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
    property: {
      type: 'string',
      short: 'X',
      repeated: true,
      valueName: 'name=value',
      summary: 'Produce: a setting',
    },
  },
  columns: recordColumns,
  writes: true,
  async run(context) {
    const { options, origins, output, stdin, signal, tty } = context
    const target = parseTarget(context.arguments.url)
    const { topic, brokers = options.brokers } = target
    const consumes = ['consume', 'count', 'from', 'exit', 'group', 'format'].some(
      key => origins[key] === 'flag',
    )
    const produces = options.produce || (!consumes && !tty.stdin)
    await withClient({ ...context, options: { ...options, brokers } }, async client => {
      if (produces) {
        const { produce } = await import('./cat/produce.ts')
        client.outliveSignal()
        const [partition] = options.partition
        const { codec, delimiter, keyDelimiter, header: headers, null: nulls, property: properties } = options
        const what = { topic, codec, partition, delimiter, keyDelimiter, headers, nulls, properties }
        const count = await produce(client, stdin, what, signal)
        return output.note(`stored ${count} ${count === 1 ? 'record' : 'records'} in ${topic}`)
      }
      const { consume, printRaw, printRows } = await import('./cat/consume.ts')
      const { parseFormat } = await import('./cat/format.ts')
      const format = parseFormat(options.format)
      // A group is left in order, and what was printed is committed, also after Ctrl-C.
      if (options.group !== undefined) client.outliveSignal()
      const { count, from, group, partition: partitions, exit: untilEnd } = options
      const isolation = options.uncommitted ? 'uncommitted' : 'committed'
      const what = { topic, from, partitions, group, count, untilEnd, isolation, signal } as const
      const records = consume(client, what, output.warn.bind(output))
      await (isForPeople(output.format) ? printRaw(records, format, output) : printRows(records, output))
    })
  },
})
