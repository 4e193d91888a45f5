// Clients and servers of the RPC engine in a network that loses, delays and keeps silent, with servers that are killed, started
// anew and drained; all from one seed. What must hold whatever happens:
//
//   at most once    ran never twice; once if it was answered          nothing hangs    each call settles by its deadline
//   idempotent      ran at least once if it was answered              nothing is mixed up
//   not declared    ran never twice; once if it was answered          nothing is left: timers, references, streams, calls

import {
  CallError,
  type Connected,
  calling,
  connect,
  connectionOf,
  type Server,
  serve,
} from '../../../src/rpc/index.ts'
import { Dice } from '../../../src/sim/disk/index.ts'
import { StreamNames } from '../../../src/sim/net/stream-names.ts'
import { ManualWorld, type Timer } from '../../../src/world/index.ts'
import { declared, ITEMS, type Runs, right, Service } from './service.ts'

export interface Outcome {
  readonly calls: number
  readonly answered: number
  /** Calls that ended otherwise, by the code of their error. */
  readonly failed: Readonly<Record<string, number>>
  readonly kills: number
}

export class Violation extends Error {
  readonly seed: number

  constructor(seed: number, what: string) {
    super(`seed ${seed}: ${what}`)
    this.seed = seed
  }
}

/** What a planted error changes. */
export interface Plant {
  readonly declaredByClients?: Readonly<
    Record<string, { readonly idempotent?: boolean; readonly atMostOnce?: boolean }>
  >
  readonly answer?: (right: string, dice: Dice) => string
  readonly serverLeaseMs?: number
}

/** Time that can jump to the next timer. */
class SimWorld extends ManualWorld {
  readonly #due = new Set<{ readonly at: number }>()

  override after(ms: number, run: () => void): Timer {
    const entry = { at: this.monotonic() + Math.max(1, ms) }
    this.#due.add(entry)
    const timer = super.after(ms, () => {
      this.#due.delete(entry)
      run()
    })
    return {
      cancel: () => {
        this.#due.delete(entry)
        timer.cancel()
      },
    }
  }

  /** Ms to the next timer. */
  get next(): number {
    let at = Number.POSITIVE_INFINITY
    for (const entry of this.#due) at = Math.min(at, entry.at)
    return Math.max(0, at - this.monotonic())
  }
}

const leaseMs = 600
const limits = { leaseMs, greetingMs: 500, closeMs: 100, runningMax: 4, windowBytes: 200 } as const
const codes: ReadonlySet<unknown> = new Set([
  'CALL_TIMEOUT',
  'CALL_CONNECTION_LOST',
  'CALL_UNREACHABLE',
  'CALL_DRAINING',
  'CALL_REFERENCE_LOST',
  'CALL_NO_REFERENCE',
])

interface Machine {
  readonly name: string
  server: Server | undefined
  service: Service | undefined
}

interface Made {
  readonly token: string
  readonly method: string
  readonly dueAt: number
  outcome: { readonly value: unknown } | { readonly reason: unknown } | undefined
  settledAt: number
}

export async function run(seed: number, plant: Plant = {}): Promise<Outcome> {
  return new Run(seed, plant).run()
}

class Run {
  readonly #seed: number
  readonly #plant: Plant
  readonly #dice: Dice
  readonly #world: SimWorld
  readonly #names: StreamNames
  readonly #runs: Runs = new Map()
  readonly #machines: Machine[]
  readonly #made: Made[] = []
  readonly #gone: Server[] = []
  #clients: Connected<Service>[] = []
  #kills = 0

  constructor(seed: number, plant: Plant) {
    this.#seed = seed
    this.#plant = plant
    this.#dice = new Dice(seed)
    this.#world = new SimWorld({ seed })
    const { dice } = { dice: this.#dice }
    this.#names = new StreamNames(this.#world, new Dice(dice.seed()), {
      delayMsMax: dice.pick([0, 5, 30]),
      cuts: dice.pick([0, 0.2, 0.5]),
      silences: dice.pick([0, 0, 0.2]),
      withinBytes: dice.pick([100, 600, 3000]),
    })
    this.#machines = Array.from({ length: dice.between(1, 3) }, (_, n) => ({
      name: `s${n}`,
      server: undefined,
      service: undefined,
    }))
  }

  async run(): Promise<Outcome> {
    for (const machine of this.#machines) await this.#start(machine)
    for (let n = this.#dice.between(1, 2); n > 0; n--) await this.#connect()
    const calls = this.#dice.between(10, 40)
    for (let n = 0; n < calls; n++) {
      this.#call(`call${n}`)
      if (this.#dice.chance(0.15)) await this.#trouble()
      if (this.#dice.chance(0.6)) await this.#pass(this.#dice.below(this.#dice.pick([5, 50, 300])))
    }
    await this.#heal()
    for (const made of this.#made) this.#judge(made)
    await this.#end()
    return this.#outcome()
  }

  async #start(machine: Machine): Promise<void> {
    const service = new Service(this.#world, this.#dice, this.#runs)
    machine.service = service
    machine.server = await serve(service, `inproc://${machine.name}`, {
      ...limits,
      names: this.#names,
      world: this.#world,
      methods: declared,
      leaseMs: this.#plant.serverLeaseMs ?? leaseMs,
    })
  }

  async #connect(): Promise<void> {
    const { faults } = this.#names
    this.#names.faults = { ...faults, cuts: 0, silences: 0 }
    const connecting = connect<Service>(
      this.#machines.map(({ name }) => `inproc://${name}`),
      {
        ...limits,
        names: this.#names,
        world: this.#world,
        methods: this.#plant.declaredByClients ?? declared,
        balance: this.#dice.pick(['first', 'round-robin', 'least-waiting'] as const),
        reconnectMs: 10,
        reconnectMsMax: 200,
      },
    )
    await this.#pass(1)
    this.#clients.push(await connecting)
    this.#names.faults = faults
  }

  #call(token: string): void {
    const dice = this.#dice
    const method = dice.pick(['pay', 'pay', 'ask', 'refuse', 'read', 'read', 'note', 'item', 'list', 'tell'])
    const timeoutMs = dice.pick([50, 500, 2000, 5000])
    const client = calling(dice.pick(this.#clients), { timeoutMs })
    const made: Made = {
      token,
      method,
      dueAt: this.#world.monotonic() + timeoutMs,
      outcome: undefined,
      settledAt: 0,
    }
    this.#made.push(made)
    this.#make(client, made).then(
      value => {
        made.outcome = { value }
        made.settledAt = this.#world.monotonic()
      },
      (reason: unknown) => {
        made.outcome = { reason }
        made.settledAt = this.#world.monotonic()
      },
    )
  }

  async #make(client: Connected<Service>, { token, method }: Made): Promise<unknown> {
    const { answer = (right: string) => right } = this.#plant
    switch (method) {
      case 'item':
        return await this.#use(client, token, this.#dice.chance(0.5))
      case 'list':
        return await this.#read(client, token)
      case 'tell':
        return await client.tell(token, said => said)
      default:
        return answer(String(await client[method as 'pay'](token)), this.#dice)
    }
  }

  /** Calls a reference before it is there, or when it is. */
  async #use(client: Connected<Service>, token: string, isPipelined: boolean): Promise<unknown> {
    const promise = client.item(token)
    const early = isPipelined ? promise.use() : undefined
    early?.catch(() => {})
    using item = await promise
    return await (early ?? item.use())
  }

  /** Reads the stream to its end, or leaves it. */
  async #read(client: Connected<Service>, token: string): Promise<string> {
    const leaveAt = this.#dice.chance(0.3) ? this.#dice.below(ITEMS) : ITEMS
    let n = 0
    for await (const item of client.list(token)) {
      if (item !== right(`list ${n}`, token))
        throw new Violation(this.#seed, `item ${n} of ${token} is ${item}`)
      if (n++ === leaveAt) break
    }
    return right('list', token)
  }

  async #trouble(): Promise<void> {
    const dice = this.#dice
    const machine = dice.pick(this.#machines)
    switch (dice.pick(['kill', 'kill', 'cut', 'silence', 'drain'])) {
      case 'cut':
        this.#names.cut(machine.name, false)
        return
      case 'silence':
        this.#names.cut(machine.name, true)
        return
      case 'drain':
        if (machine.server === undefined) return
        machine.server.drain()
        if (dice.chance(0.5)) await this.#pass(dice.below(100))
        return this.#restart(machine, () => {})
      case 'kill':
        this.#kills++
        return this.#restart(machine, () => {
          if (machine.service !== undefined) machine.service.isDead = true
          this.#names.cut(machine.name, dice.chance(0.2))
        })
    }
  }

  /** Ends the server, and starts it again with empty memory, now or some time later. */
  async #restart(machine: Machine, how: () => void): Promise<void> {
    const { server } = machine
    if (server === undefined) return
    machine.server = undefined
    how()
    const closing = server.close()
    this.#gone.push(server)
    await this.#pass(1)
    void closing.then(() => {
      this.#world.after(this.#dice.below(400), () => void this.#start(machine))
    })
  }

  /** Lets time go by, from timer to timer; all that follows from one has happened before the next. */
  async #pass(ms: number): Promise<void> {
    const until = this.#world.monotonic() + ms
    for (;;) {
      await new Promise(resolve => setImmediate(resolve))
      const left = until - this.#world.monotonic()
      if (left <= 0) return
      this.#world.advance(Math.min(left, Math.max(this.#world.next, 0.001)))
    }
  }

  /** The network is well again; all calls must settle by their deadlines, and what was half open is found. */
  async #heal(): Promise<void> {
    this.#names.faults = { ...this.#names.faults, cuts: 0, silences: 0 }
    const last = Math.max(...this.#made.map(({ dueAt }) => dueAt))
    while (
      this.#made.some(({ outcome }) => outcome === undefined) &&
      this.#world.monotonic() <= last + GRACE_MS
    )
      await this.#pass(50)
    await this.#pass(2 * leaseMs + 2100)
  }

  #judge({ token, method, outcome, dueAt, settledAt }: Made): void {
    const ran = this.#runs.get(token) ?? 0
    if (outcome === undefined) throw this.#violation(`${method} ${token} hangs`)
    const late = settledAt - dueAt
    if (late > 1 && method !== 'item' && method !== 'list')
      throw this.#violation(`${method} ${token} hangs, ${late} ms beyond its deadline`)
    if (outcome !== undefined && 'reason' in outcome && outcome.reason instanceof Violation)
      throw outcome.reason
    const isAnswered = 'value' in outcome || outcome.reason instanceof RangeError
    if (method !== 'read' && ran > 1) throw this.#violation(`${method} ${token} ran ${ran} times`)
    if (isAnswered && ran < 1) throw this.#violation(`${method} ${token} was answered and never ran`)
    if (isAnswered) this.#checkAnswer(method, token, outcome)
    else this.#checkFailure(method, token, ran, outcome)
  }

  #checkAnswer(method: string, token: string, outcome: NonNullable<Made['outcome']>): void {
    const given = 'value' in outcome ? outcome.value : (outcome.reason as Error).message
    const wanted = right(method === 'item' ? 'use' : method, token)
    if (given !== wanted) throw this.#violation(`${method} ${token} was answered ${String(given)}`)
  }

  #checkFailure(method: string, token: string, ran: number, outcome: NonNullable<Made['outcome']>): void {
    const reason = 'reason' in outcome ? outcome.reason : undefined
    if (!(reason instanceof CallError) || !codes.has(reason.code))
      throw this.#violation(
        `${method} ${token} failed with ${reason instanceof Error ? reason.stack : String(reason)}`,
      )
    const isDenied = reason.code === 'CALL_UNREACHABLE' || reason.code === 'CALL_DRAINING'
    // What is idempotent may have run at one server, and be sent away by the next.
    if (isDenied && ran > 0 && method !== 'read' && method !== 'item' && method !== 'list')
      throw this.#violation(`${method} ${token} ran, and its caller was told ${reason.code}`)
  }

  async #end(): Promise<void> {
    for (const { server } of this.#machines)
      if (server !== undefined && server.held !== 0)
        throw this.#violation(`a server holds ${server.held} for clients`)
    for (const client of this.#clients)
      for (const { waiting, holding } of connectionOf(client)?.servers ?? [])
        if (waiting + holding > 0) throw this.#violation(`a client waits for ${waiting} and holds ${holding}`)
    const servers = this.#machines.flatMap(({ server }) => server ?? [])
    const closing = [...this.#clients, ...servers].map(one => one[Symbol.asyncDispose]())
    await this.#pass(200)
    await Promise.all(closing)
    await this.#pass(1)
    for (const { connections, held } of [...servers, ...this.#gone])
      if (connections + held > 0)
        throw this.#violation(`${connections} connections and ${held} references are left`)
    if (this.#world.pendingTimers > 0) throw this.#violation(`${this.#world.pendingTimers} timers are left`)
  }

  #violation(what: string): Violation {
    return new Violation(this.#seed, what)
  }

  #outcome(): Outcome {
    const failed: Record<string, number> = {}
    let answered = 0
    for (const { outcome } of this.#made) {
      if (outcome !== undefined && 'reason' in outcome && outcome.reason instanceof CallError)
        failed[outcome.reason.code] = (failed[outcome.reason.code] ?? 0) + 1
      else answered++
    }
    return { calls: this.#made.length, answered, failed, kills: this.#kills }
  }
}

/** Ms after its deadline by which a call has settled: item and list make a second call, or read on. */
const GRACE_MS = 6000
