// Any sequence of declarations, bindings and removals, some of them on a full disk, against a model that is a list of
// bindings: after each step messages go where the model says, and a restart brings back what is durable.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { scene } from './scene.contract.ts'

/** Names say what they are: d... is durable, t... is not, ...a goes with its last binding. */
const exchangeNames = ['d1', 'd2', 'da', 't1', 'ta', 'amq.direct']
const queueNames = ['kept', 'passing']
const keys = ['', 'k']

type Step =
  | { readonly at: 'declare'; readonly name: string; readonly full: boolean }
  | { readonly at: 'delete'; readonly name: string; readonly full: boolean }
  | { readonly at: 'bind'; readonly binding: Bound; readonly full: boolean }
  | { readonly at: 'unbind'; readonly binding: Bound; readonly full: boolean }
  | { readonly at: 'forget'; readonly queue: string }

interface Bound {
  readonly from: string
  /** A queue's name, or `x:` and an exchange's. */
  readonly to: string
  readonly key: string
}

class Model {
  exchanges = new Set(['amq.direct'])
  bindings: Bound[] = []

  step(step: Step): void {
    if (step.at === 'declare') this.exchanges.add(step.name)
    else if (step.at === 'delete') this.#drop(step.name)
    else if (step.at === 'bind') this.#bind(step.binding)
    else if (step.at === 'unbind') this.#unbind(one => same(one, step.binding))
    else this.#unbind(one => one.to === step.queue)
  }

  route(exchange: string, key: string, seen = new Set<string>()): Set<string> {
    const found = new Set<string>()
    if (seen.has(exchange)) return found
    seen.add(exchange)
    for (const { to } of this.bindings.filter(one => one.from === exchange && one.key === key)) {
      if (!to.startsWith('x:')) found.add(to)
      else for (const one of this.route(to.slice(2), key, seen)) found.add(one)
    }
    return found
  }

  restart(): void {
    const stays = (name: string) => name === 'kept' || name.startsWith('d') || name.startsWith('amq')
    this.exchanges = new Set([...this.exchanges].filter(stays))
    this.bindings = this.bindings.filter(one => stays(one.from) && stays(one.to.replace('x:', '')))
  }

  #bind(binding: Bound): void {
    const there = binding.to.startsWith('x:') ? this.exchanges.has(binding.to.slice(2)) : true
    if (!there || !this.exchanges.has(binding.from) || this.bindings.some(one => same(one, binding))) return
    this.bindings.push(binding)
  }

  #drop(name: string): void {
    if (name === 'amq.direct') return
    this.exchanges.delete(name)
    this.#unbind(one => one.from === name || one.to === `x:${name}`)
  }

  #unbind(goes: (one: Bound) => boolean): void {
    const gone = this.bindings.filter(goes)
    this.bindings = this.bindings.filter(one => !gone.includes(one))
    for (const { from } of gone)
      if (from.endsWith('a') && this.exchanges.has(from) && !this.bindings.some(one => one.from === from))
        this.#drop(from)
  }
}

function same(a: Bound, b: Bound): boolean {
  return a.from === b.from && a.to === b.to && a.key === b.key
}

const name = fc.constantFrom(...exchangeNames)
const binding = fc.record({
  from: name,
  to: fc.constantFrom(...queueNames, ...exchangeNames.map(one => `x:${one}`)),
  key: fc.constantFrom(...keys),
})
const full = fc.integer({ min: 0, max: 2 }).map(n => n === 0)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ at: fc.constant('declare' as const), name, full }) },
  { weight: 3, arbitrary: fc.record({ at: fc.constant('delete' as const), name, full }) },
  { weight: 6, arbitrary: fc.record({ at: fc.constant('bind' as const), binding, full }) },
  { weight: 2, arbitrary: fc.record({ at: fc.constant('unbind' as const), binding, full }) },
  {
    weight: 1,
    arbitrary: fc.record({ at: fc.constant('forget' as const), queue: fc.constantFrom(...queueNames) }),
  },
)

type Scene = Awaited<ReturnType<typeof scene>>

/** Whether it was done: what is missing or reserved is refused, as is what a full disk would have to keep. */
async function take({ exchanges, journal, disk, declare, bind, unbind }: Scene, one: Step): Promise<boolean> {
  if (one.at === 'forget') {
    await journal.write(exchanges.forgetQueue('/', one.queue))
    return true
  }
  disk.full = one.full
  try {
    if (one.at === 'declare')
      await declare(one.name, { durable: !one.name.startsWith('t'), autoDelete: one.name.endsWith('a') })
    else if (one.at === 'delete') await exchanges.delete('/', one.name)
    else if (one.at === 'bind') await bind(one.binding.from, one.binding.to, one.binding.key)
    else await unbind(one.binding.from, one.binding.to, one.binding.key)
    return true
  } catch (error) {
    expect(String(Object(error).code)).toMatch(/^(EXCHANGE_UNKNOWN|EXCHANGE_RESERVED|STORAGE_FULL)$/)
    return false
  } finally {
    disk.full = false
  }
}

function agree({ exchanges, route }: Scene, model: Model): void {
  const there = exchanges.list('/').map(one => one.name)
  expect(there.filter(one => exchangeNames.includes(one)).sort()).toEqual([...model.exchanges].sort())
  expect([...exchanges.bindings('/')]).toHaveLength(model.bindings.length)
  for (const exchange of model.exchanges)
    for (const key of keys) expect(route(exchange, key)).toEqual([...model.route(exchange, key)].sort())
}

it('any steps leave exchanges and bindings as the model has them, and a restart what is durable', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async steps => {
      const model = new Model()
      const first = await scene()
      first.queue('kept')
      first.queue('passing', { kept: false })
      for (const one of steps) {
        if (await take(first, one)) model.step(one)
        agree(first, model)
      }
      await first.store.close()
      const again = await scene({ from: first.store })
      again.queue('kept')
      model.restart()
      agree(again, model)
    }),
    { numRuns: 150 },
  )
})
