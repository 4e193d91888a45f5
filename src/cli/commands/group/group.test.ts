import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningBroker, start } from '../../../server/index.ts'
import { posthorn } from '../../kafka/stage.contract.ts'

let broker: RunningBroker
let brokers: string
beforeAll(async () => {
  broker = await start({
    brokers: 2,
    kafka: { port: 0 },
    settings: { 'group.initial.rebalance.delay.ms': 0 },
  })
  brokers = broker.kafka.brokers.join(',')
  await posthorn(brokers, ['topic', 'create', 'orders', '-p', '2'])
  for (const partition of ['0', '1'])
    await posthorn(brokers, ['cat', 'kafka:///orders', '-p', partition], { input: 'a\nb\nc\nd\n' })
})
afterAll(() => broker.close())

const group = (...words: string[]) => posthorn(brokers, ['group', ...words, '-o', 'jsonl'])

async function committed(name: string): Promise<unknown[]> {
  return (await group('describe', name)).rows().map(row => row.committed)
}

describe('posthorn group', () => {
  it('sees what `posthorn cat -g` has committed', async () => {
    expect(await posthorn(brokers, ['cat', 'kafka:///orders', '-g', 'all', '-e'])).toMatchObject({ code: 0 })
    expect((await group('ls')).rows()).toContainEqual(
      expect.objectContaining({ group: 'all', state: 'Empty' }),
    )
    expect((await group('describe', 'all')).rows()).toMatchObject([
      { topic: 'orders', partition: 0, committed: 4, end: 4, lag: 0, member: null },
      { topic: 'orders', partition: 1, committed: 4, end: 4, lag: 0, member: null },
    ])
  })

  it('commits only what was printed', async () => {
    const first = await posthorn(brokers, ['cat', 'kafka:///orders', '-g', 'some', '-n', '3'])
    expect(first.out.split('\n').filter(Boolean)).toHaveLength(3)
    const rest = await posthorn(brokers, ['cat', 'kafka:///orders', '-g', 'some', '-e'])
    expect(rest.out.split('\n').filter(Boolean)).toHaveLength(5)
  })

  it('previews a reset and makes it with --execute', async () => {
    await posthorn(brokers, ['cat', 'kafka:///orders', '-g', 'back', '-e'])
    const preview = await group('reset', 'back', '--topic', 'orders', '--to', 'earliest')
    expect(preview).toMatchObject({ code: 0, err: expect.stringMatching(/nothing was changed/) })
    expect(preview.rows()).toMatchObject([
      { partition: 0, before: 4, after: 0, lag: 4 },
      { partition: 1, before: 4, after: 0, lag: 4 },
    ])
    expect(await committed('back')).toEqual([4, 4])
    await group('reset', 'back', '--topic', 'orders', '--by', '-1', '--execute')
    expect(await committed('back')).toEqual([3, 3])
    await group('reset', 'back', '--topic', 'orders', '--to', '-3', '-p', '1', '--yes')
    expect(await committed('back')).toEqual([3, 1])
    await group('reset', 'back', '--topic', 'orders', '--to', '99', '--execute')
    expect(await committed('back')).toEqual([4, 4])
  })

  it('shows members, and does not reset a group that has some', async () => {
    const seen: string[] = []
    const reading = posthorn(brokers, ['cat', 'kafka:///orders', '-g', 'busy'], {
      onOutput(text, interrupt) {
        if (text.split('\n').filter(Boolean).length < 8 || seen.length > 0) return
        seen.push(text)
        void Promise.all([
          group('describe', 'busy'),
          group('reset', 'busy', '--topic', 'orders', '--to', 'end', '--execute'),
        ]).then(([described, refused]) => {
          seen.push(described.out, String(refused.code), refused.err)
          interrupt()
        })
      },
    })
    expect((await reading).code).toBe(130)
    expect(seen[1]).toMatch(/"member":"posthorn-/)
    expect(seen[2]).toBe('75')
    expect(seen[3]).toMatch(/has a member: stop its consumers first/)
    expect(await committed('busy')).toEqual([4, 4])
  })

  it.each([
    [['describe', 'nobody'], 65, /no such group|not found|nobody/],
    [['reset', 'all', '--topic', 'orders'], 64, /either --to or --by/],
    [['reset', 'all', '--topic', 'nowhere', '--to', 'end'], 65, /topic nowhere/],
    [['reset', 'all', '--topic', 'orders', '--to', 'end', '-p', '7'], 65, /no partition 7/],
    [['reset', 'fresh', '--topic', 'orders', '--by', '1'], 65, /committed nothing/],
  ])('refuses `group %j`', async (words, code, message) => {
    expect(await group(...words)).toMatchObject({ code, err: expect.stringMatching(message) })
  })
})
