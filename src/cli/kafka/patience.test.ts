import { describe, expect, it } from 'vitest'
import { ManualWorld } from '../../world/index.ts'
import { BrokerFault, ConnectionFault } from './faults.ts'
import { patiently } from './patience.ts'

/** Lets the world run while the attempts are made. */
async function outcome(world: ManualWorld, work: Promise<unknown>): Promise<unknown> {
  let settled: unknown
  void work.then(
    value => {
      settled = { value }
    },
    error => {
      settled = { error }
    },
  )
  while (settled === undefined) {
    await new Promise(resolve => setImmediate(resolve))
    world.advance(100)
  }
  return settled
}

function failing(errors: readonly Error[]) {
  const left = [...errors]
  let attempts = 0
  return {
    get attempts() {
      return attempts
    },
    attempt: async () => {
      attempts++
      const error = left.shift()
      if (error !== undefined) throw error
      return 'done'
    },
  }
}

const signal = new AbortController().signal

describe('patience', () => {
  it('tries again while an error may pass, and says where', async () => {
    const world = new ManualWorld()
    const work = failing([new BrokerFault(6, 'p'), new BrokerFault(7, 'p'), new ConnectionFault('lost')])
    const where: string[] = []
    const done = patiently({ world, signal, timeoutMs: 60_000 }, work.attempt, async retry =>
      where.push(retry),
    )
    expect(await outcome(world, done)).toEqual({ value: 'done' })
    expect(where).toEqual(['elsewhere', 'later', 'elsewhere'])
  })

  it('does not try again what cannot pass', async () => {
    const world = new ManualWorld()
    const work = failing([new BrokerFault(29, 'topic t')])
    const done = patiently({ world, signal, timeoutMs: 60_000 }, work.attempt)
    expect(await outcome(world, done)).toMatchObject({ error: { exit: 'noPermission' } })
    expect(work.attempts).toBe(1)
  })

  it('gives up when the time is over, with the last error in its words', async () => {
    const world = new ManualWorld()
    const work = failing(Array.from({ length: 1000 }, () => new BrokerFault(5, 'partition 0 of t')))
    const done = patiently({ world, signal, timeoutMs: 5000 }, work.attempt)
    expect(await outcome(world, done)).toMatchObject({
      error: {
        exit: 'tryAgain',
        message: expect.stringMatching(/gave up after 5000 ms: partition 0 of t: .*LEADER/),
      },
    })
    expect(work.attempts).toBeGreaterThan(5)
    expect(world.pendingTimers).toBe(0)
  })

  it('ends with the signal', async () => {
    const world = new ManualWorld()
    const controller = new AbortController()
    const work = failing([new ConnectionFault('lost'), new ConnectionFault('lost')])
    const done = patiently({ world, signal: controller.signal, timeoutMs: 5000 }, work.attempt)
    controller.abort(new Error('stopped'))
    expect(await outcome(world, done)).toMatchObject({ error: expect.any(Error) })
    expect(work.attempts).toBe(1)
  })
})
