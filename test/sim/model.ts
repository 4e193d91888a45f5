// The crash model: a random workload on a simulated disk, power cut at a random step, the store opened again on what
// is left (and power cut again while it recovers), and what it then holds compared with the ledgers. One seed is one
// run of a few lives; the same seed does the same again.

import type { Disk } from '../../src/log/file/disk.ts'
import type { LogStore } from '../../src/log/log.ts'
import { Dice, type Faults, PowerLoss, SimDisk } from '../../src/sim/disk/index.ts'
import { ManualWorld } from '../../src/world/manual.ts'
import type { World } from '../../src/world/world.ts'
import { Violation } from './ledger.ts'
import { Ledgers } from './ledgers.ts'
import { Life, rounds } from './life.ts'

/** Opens the store under test. */
export type OpenOnDisk = (
  disk: Disk,
  world: World,
) => Promise<LogStore & { readonly damage?: readonly unknown[] }>

export interface Plan {
  readonly open: OpenOnDisk
  /** What is acknowledged survives a power loss, or only a crash of the process; what is left is a first part. */
  readonly keeps?: Keeps
  /** Puts something between the store and the disk: a planted error. */
  readonly wrap?: (disk: Disk, dice: Dice) => Disk
  /** What goes wrong besides power. Default: by the seed. */
  readonly trouble?: Trouble
  /** The first life ends at this step; without it all ends are by the seed. */
  readonly crashAt?: number
  /** Crashes, kills and closings before the last check. Default: by the seed, 1 to 4. */
  readonly lives?: number
}

export type Keeps = 'all' | 'a first part'

export type Trouble = 'none' | 'failing syncs' | 'failing reads' | 'full disk'

const troubles: readonly Trouble[] = ['none', 'none', 'none', 'failing syncs', 'full disk', 'failing reads']

export interface Outcome {
  readonly crashes: number
  readonly steps: number
  /** Batches acknowledged or seen. */
  readonly told: number
}

/** One run. Throws a Violation that names the seed and ends with the last steps before it. */
export async function run(seed: number, plan: Plan): Promise<Outcome> {
  const model = new Run(seed, plan)
  try {
    return await model.live()
  } catch (error) {
    if (error instanceof Violation) error.message = model.explain(error.message)
    throw error
  }
}

class Run {
  readonly #seed: number
  readonly #plan: Plan
  readonly #dice: Dice
  readonly #ledgers = new Ledgers()
  readonly #trouble: Trouble
  readonly #world: ManualWorld
  #disk: SimDisk
  #life = 0
  #crashes = 0
  #steps = 0
  #epoch = Number.NEGATIVE_INFINITY

  constructor(seed: number, plan: Plan) {
    this.#seed = seed
    this.#plan = plan
    this.#dice = new Dice(seed)
    this.#world = new ManualWorld({ seed })
    this.#trouble = plan.trouble ?? this.#dice.pick(troubles)
    this.#disk = new SimDisk({ seed: this.#dice.seed() })
  }

  async live(): Promise<Outcome> {
    const lives = this.#plan.lives ?? this.#dice.between(1, 4)
    for (this.#life = 0; this.#life < lives; this.#life++) {
      this.#aim(this.#life === 0 ? this.#plan.crashAt : undefined)
      await this.#oneLife()
      this.#restart()
    }
    await this.#lastLife()
    return { crashes: this.#crashes, steps: this.#steps, told: this.#ledgers.toldCount }
  }

  explain(what: string): string {
    const last = this.#disk.trace.slice(-60).join('\n  ')
    return `seed ${this.#seed}, life ${this.#life}, ${this.#trouble}: ${what}\n  ${last}`
  }

  /** Chooses what this life has to bear. */
  #aim(crashAt: number | undefined): void {
    const dice = this.#dice
    const far = Math.floor(10 ** (dice.roll() * 2.8))
    this.#disk.crashAt = crashAt ?? (dice.chance(0.85) ? far : Number.POSITIVE_INFINITY)
    if (this.#trouble === 'full disk' && this.#life > 0 && dice.chance(0.4))
      this.#disk.capacity = this.#disk.usedBytes + dice.below(20_000)
    const faults: Faults = { writeBack: dice.pick([0, 0.02, 0.2]), shortWrite: dice.pick([0, 0, 0.3]) }
    if (this.#trouble === 'failing reads') faults.readError = dice.pick([0, 0.005, 0.05])
    Object.assign(this.#disk.faults, faults)
  }

  async #oneLife(): Promise<void> {
    const store = await this.#open()
    if (store === undefined) return
    if (this.#trouble === 'failing syncs') this.#disk.faults.syncError = this.#dice.pick([0.02, 0.2, 1])
    if (this.#trouble === 'failing reads') this.#disk.faults.readError = this.#dice.pick([0.02, 0.2])
    if (this.#trouble === 'full disk')
      this.#disk.capacity = this.#disk.usedBytes + Math.floor(10 ** (3 + this.#dice.roll() * 3))
    const disk = this.#disk
    const deletes = this.#plan.keeps !== 'a first part'
    const life = new Life({
      store,
      disk,
      world: this.#world,
      dice: this.#dice,
      ledgers: this.#ledgers,
      deletes,
    })
    await this.#untilEnd(life.work(this.#dice.between(3, 40)))
    if (disk.ending !== 'running') return
    await this.#untilEnd(this.#endWell(store, life))
  }

  /** No crash came: the store is asked for what it promises in trouble, and then closed, killed or cut off. */
  async #endWell(store: LogStore, life: Life): Promise<void> {
    const disk = this.#disk
    await life.quiet()
    if (disk.ending !== 'running') return
    disk.faults.syncError = disk.faults.readError = 0
    if (disk.failedSyncs > 0) await mustHaveFailed(store, life)
    else if (this.#trouble === 'full disk') await mustRecover(disk, life)
    if (this.#dice.chance(0.3)) await close(store, disk)
    else if (this.#dice.chance(0.5)) disk.kill()
  }

  /** Opens and checks; undefined when power was lost meanwhile, or the disk refused. */
  async #open(): Promise<LogStore | undefined> {
    const disk = this.#disk
    const isAlive = () => disk.ending === 'running'
    let found: LogStore | undefined
    await this.#untilEnd(
      this.#plan.open(this.#plan.wrap?.(disk, this.#dice) ?? disk, this.#world).then(async store => {
        if (!isAlive()) return
        if (store.damage !== undefined && store.damage.length > 0)
          throw new Violation(`damage is reported: ${JSON.stringify(store.damage)}`)
        disk.faults.readError = 0
        if (store.epoch <= this.#epoch)
          throw new Violation(`epoch ${store.epoch} after ${this.#epoch}: it does not rise`)
        await this.#ledgers.check(store, isAlive)
        if (!isAlive()) return
        this.#epoch = store.epoch
        found = store
      }, giveUp(disk)),
    )
    return isAlive() ? found : undefined
  }

  /** No faults any more: everything must be there. */
  async #lastLife(): Promise<void> {
    const store = await this.#open()
    if (store === undefined) throw new Violation('the store does not open')
    await this.#untilEnd(close(store, this.#disk))
  }

  #restart(): void {
    if (this.#disk.ending !== 'killed') {
      this.#crashes++
      if (this.#plan.keeps === 'a first part') this.#ledgers.forgive()
    }
    this.#steps += this.#disk.steps
    this.#disk = this.#disk.restart(this.#dice.seed(), { capacity: Number.MAX_SAFE_INTEGER })
  }

  /** Waits for the work, or for the end of the program; what it throws after its end does not count. */
  async #untilEnd(work: Promise<void>): Promise<void> {
    const disk = this.#disk
    const guarded = work.catch((error: unknown) => {
      if (disk.ending !== 'running' || error instanceof PowerLoss) return
      if (error instanceof Violation) throw error
      throw new Violation(`unexpected ${(error as Error)?.stack ?? error}`)
    })
    let waiting = true
    const answers = [guarded.then(() => true), disk.ended.then(() => true)]
    const ended = await Promise.race([...answers, this.#tooLong(() => waiting)]).finally(() => {
      waiting = false
    })
    if (!ended) throw new Violation('nothing happens any more: a promise was forgotten')
  }

  /** Time passes as long as somebody waits, so that timers of the store run. */
  async #tooLong(isWaiting: () => boolean): Promise<false> {
    for (let round = 0; round < 3000 && isWaiting(); round++) {
      await rounds(1)
      if (round % 100 === 99) this.#world.advance('100ms')
    }
    return false
  }
}

/** An opening may end with what the disk refused: then the next process tries again. */
function giveUp(disk: SimDisk): (error: unknown) => void {
  return error => {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    const isDue =
      (code === 'EIO' && (disk.faults.readError ?? 0) > 0) ||
      (code === 'ENOSPC' && disk.capacity < Number.MAX_SAFE_INTEGER)
    if (!isDue) throw error
    disk.kill()
  }
}

async function mustHaveFailed(store: LogStore, life: Life): Promise<void> {
  const reason = await Promise.race([store.failed, rounds(20)])
  if (reason === undefined) throw new Violation('a sync failed, and `failed` does not resolve')
  await life.mustRefuse('LOG_STORE_FAILED')
}

async function mustRecover(disk: SimDisk, life: Life): Promise<void> {
  disk.capacity = Number.MAX_SAFE_INTEGER
  await life.mustAcceptAgain()
}

/** The process goes, the machine stays. */
async function close(store: LogStore, disk: SimDisk): Promise<void> {
  if (disk.failedSyncs > 0) await store.close().catch(() => {})
  else await store.close()
  disk.kill()
}
