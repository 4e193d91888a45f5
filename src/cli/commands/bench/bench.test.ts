import { describe, expect, it } from 'vitest'
import { serve } from '../../../rpc/index.ts'
import { start } from '../../../server/index.ts'
import { invoke } from '../../amqp/stage.contract.ts'
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

describe('posthorn bench amqp', () => {
  it.each([
    [['-n', '2001', '--producers', '2', '--consumers', '2', '--queues', '3'], 2001],
    [['-n', '3000', '--transient', '--confirm', '0', '--no-ack', '--size', '0'], 3000],
    [['-n', '500', '--rate', '5000', '--size', '300kB', '-c', '20', '--multi-ack', '500'], 500],
  ])('sends and receives all messages with %j, and leaves no queue behind', async (words, messages) => {
    await using broker = await start({ amqp: true })
    const url = broker.amqp?.url ?? ''
    const measured = await invoke(url, ['bench', 'amqp', ...words, '-o', 'jsonl'])
    expect(measured).toMatchObject({ code: 0, err: '' })
    expect(measured.rows()).toMatchObject([
      { phase: 'publish', messages },
      { phase: 'consume', messages },
    ])
    const topics = await posthorn(broker.kafka.brokers.join(','), ['topic', 'ls', '-o', 'jsonl'])
    expect(topics.rows()).toEqual([])
  })

  it('fills a queue and leaves it, and drains it by time', async () => {
    await using broker = await start({ amqp: true })
    const run = (...words: string[]) => invoke(broker.amqp?.url ?? '', words)
    await run('queue', 'create', 'kept')
    await run('bench', 'amqp', '--queue', 'kept', '--consumers', '0', '-n', '3000', '--confirm', '0')
    const drained = await run(
      ...['bench', 'amqp', '--queue', 'kept', '--producers', '0', '-n', '3000', '-o', 'jsonl'],
    )
    expect(drained.rows()).toMatchObject([{ phase: 'consume', messages: 3000, p50: expect.any(Number) }])
    expect(await run('queue', 'poll', 'kept')).toMatchObject({ code: 75 })
  })
})

describe('posthorn bench rpc', () => {
  const short = ['--seconds', '0.02', '--warmup', '0', '-o', 'jsonl'] as const

  it('calls a method of a server with what it is told, so many at a time', async () => {
    let [running, most, bytes] = [0, 0, 0]
    const put = async (payload: Uint8Array): Promise<void> => {
      most = Math.max(most, ++running)
      bytes = payload.length
      await Promise.resolve()
      running--
    }
    await using server = await serve({ store: { put } })
    const words = [server.address, '--method', 'store.put', '--bytes', '3kB', '--in-flight', '1,7']
    const measured = await posthorn('', ['bench', 'rpc', ...words, ...short])
    expect(measured).toMatchObject({ code: 0, err: '' })
    expect(measured.rows()).toMatchObject([
      { inFlight: 1, calls: expect.any(Number), p50: expect.any(Number) },
      { inFlight: 7, callsPerSecond: expect.any(Number) },
    ])
    expect(bytes).toBe(3000)
    expect(most).toBe(7)
  })

  it('measures a server of its own without an address', async () => {
    const measured = await posthorn('', ['bench', 'rpc', '--in-flight', '4', ...short])
    expect(measured).toMatchObject({ code: 0, err: '' })
    expect(measured.rows()).toMatchObject([{ inFlight: 4 }])
  })

  it.each([
    [['--in-flight', '1,0'], 64, '--in-flight'],
    [['--method', 'nowhere'], 65, 'nowhere'],
    [['tcp://127.0.0.1:1'], 69, 'tcp://127.0.0.1:1'],
    [['no address'], 64, 'no address'],
  ])('says why it cannot, with %j', async (words, code, said) => {
    const measured = await posthorn('', ['bench', 'rpc', ...words, ...short])
    expect(measured.code).toBe(code)
    expect(measured.err).toContain(said)
  })
})

describe('posthorn bench zeromq', () => {
  const bench = (...words: string[]) => posthorn('', ['bench', 'zeromq', ...words, '-o', 'jsonl'])

  it.each([
    ['tcp', []],
    ['inproc', ['inproc://bench-test']],
    ['CURVE', ['--curve']],
  ])('measures over %s', async (_, words) => {
    const { code, rows } = await bench(...words, '-n', '3000', '-r', '200', '-s', '20')
    expect(code).toBe(0)
    expect(rows()).toMatchObject([
      { test: 'throughput', messages: 3000, size: 20, p50: null },
      { test: 'latency', messages: 200, p50: expect.any(Number) },
    ])
  })

  it.each([
    ['--throughput', ['-n', '2000']],
    ['--latency', ['-r', '200']],
  ])('measures %s from two sides', async (test, words) => {
    const endpoint = 'ipc://@posthorn-bench-test'
    const sides = ['local', 'remote'].map(side => bench(endpoint, '--side', side, test, ...words))
    for (const { code, rows } of await Promise.all(sides)) {
      expect(code).toBe(0)
      expect(rows()).toMatchObject([{ test: test.slice(2) }])
    }
  })

  it.each([
    [['--side', 'local'], /goes with/],
    [['--side', 'local', '--latency'], /needs an endpoint/],
    [['--throughput', '--latency'], /only this/],
    [['tcp://nowhere'], /cannot use tcp:..nowhere/],
  ])('refuses %j', async (words, said) => {
    expect(await bench(...words)).toMatchObject({ code: 64, err: expect.stringMatching(said) })
  })
})
