import { describe, expect, it } from 'vitest'
import { start } from '../../../server/index.ts'
import { posthorn } from '../../kafka/stage.contract.ts'

describe('posthorn bench kafka', () => {
  it.each([
    [['--producers', '2', '--consumers', '2', '--codec', 'lz4']],
    [['--rate', '20000', '--acks', '1', '--linger', '1ms']],
  ])('stores and reads all records with %j, and leaves no topic behind', async words => {
    await using broker = await start({ brokers: 2, kafka: { port: 0 } })
    const brokers = broker.kafka.brokers.join(',')
    const flags = ['--count', '2001', '--size', '50', '--partitions', '3', '-o', 'jsonl']
    const measured = await posthorn(brokers, ['bench', 'kafka', ...flags, ...words])
    expect(measured.code).toBe(0)
    expect(measured.rows()).toMatchObject([
      { phase: 'produce', records: 2001, p50: expect.any(Number) },
      { phase: 'consume', records: 2001, p50: null },
    ])
    expect((await posthorn(brokers, ['topic', 'ls', '-o', 'jsonl'])).rows()).toEqual([])
  })
})
