import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningBroker, start } from '../../../server/index.ts'
import { posthorn } from '../../kafka/stage.contract.ts'
import { parseChange, parseSetting } from './setting.ts'

let broker: RunningBroker
beforeAll(async () => {
  broker = await start({ brokers: 3, kafka: { port: 0 } })
})
afterAll(() => broker.close())

const topic = (...words: string[]) => posthorn(broker.kafka.brokers.join(','), ['topic', ...words])

describe('posthorn topic', () => {
  it('creates, lists and describes a topic over several brokers', async () => {
    expect(await topic('create', 'orders', '-p', '3', '-c', 'retention.ms=60000')).toMatchObject({
      code: 0,
      out: 'created topic orders with 3 partitions\n',
    })
    expect((await topic('ls', '-o', 'jsonl')).rows()).toContainEqual(
      expect.objectContaining({ name: 'orders', partitions: 3, internal: false }),
    )
    const rows = (await topic('describe', 'orders', '-o', 'jsonl')).rows()
    expect(rows.map(row => row.partition)).toEqual([0, 1, 2])
    expect(new Set(rows.map(row => row.leader)).size).toBe(3)
    expect(rows[0]).toMatchObject({ start: 0, end: 0, offsets: 0 })
  })

  it('refuses a topic that exists, unless that is fine', async () => {
    await topic('create', 'twice')
    expect(await topic('create', 'twice')).toMatchObject({
      code: 65,
      err: expect.stringMatching(/TOPIC_ALREADY_EXISTS/),
    })
    expect(await topic('create', 'twice', '--if-not-exists', '-o', 'json')).toMatchObject({
      code: 0,
      out: expect.stringContaining('"created": false'),
    })
  })

  it('names a topic that does not exist', async () => {
    expect(await topic('describe', 'nowhere')).toMatchObject({
      code: 65,
      err: expect.stringMatching(/topic nowhere: /),
    })
  })

  it('changes settings, all or none, and shows where values come from', async () => {
    await topic('create', 'tuned')
    const changed = await topic(
      'config',
      'tuned',
      'retention.ms=1000',
      'cleanup.policy=compact',
      '-o',
      'jsonl',
    )
    expect(changed.rows()).toMatchObject([
      { name: 'cleanup.policy', value: 'compact', source: 'topic' },
      { name: 'retention.ms', value: '1000', source: 'topic' },
    ])
    expect(await topic('config', 'tuned', 'retention.ms=2000', 'no.such=1')).toMatchObject({ code: 65 })
    const rows = (await topic('config', 'tuned', 'cleanup.policy-', '-o', 'jsonl')).rows()
    expect(rows).toMatchObject([{ name: 'cleanup.policy', value: 'delete', source: 'default' }])
    const all = (await topic('config', 'tuned', '-o', 'jsonl')).rows()
    expect(all.find(row => row.name === 'retention.ms')?.value).toBe('1000')
  })

  it('deletes only after a yes', async () => {
    await topic('create', 'doomed')
    expect(await topic('rm', 'doomed')).toMatchObject({
      code: 64,
      err: expect.stringMatching(/doomed with 0 messages/),
    })
    expect((await topic('rm', 'doomed', 'gone', '--yes', '--if-exists', '-o', 'jsonl')).rows()).toEqual([
      { name: 'doomed', deleted: true },
      { name: 'gone', deleted: false },
    ])
    expect(await topic('rm', 'doomed', '--yes')).toMatchObject({ code: 65 })
  })
})

describe('settings as they are typed', () => {
  it.each([
    ['a=b', { name: 'a', value: 'b' }],
    ['a=b=c', { name: 'a', value: 'b=c' }],
    ['a=', { name: 'a', value: '' }],
    ['a-', { name: 'a', value: null }],
    ['a=b-', { name: 'a', value: 'b-' }],
  ])('reads %s', (text, change) => {
    expect(parseChange(text)).toEqual(change)
  })

  it.each(['a', '=b', ''])('refuses %j', text => {
    expect(() => parseSetting(text, '--config')).toThrow(/write key=value/)
  })
})
