// A progress bar or spinner for people who wait: on stderr, only on a terminal, gone when the work is over, so that
// neither pipes nor logs ever see it. Drawn on a timer and not per step: a step costs one addition.

import type { Timer, World } from '../world/index.ts'
import { cut } from './output/width.ts'
import { formatBytes, formatDuration } from './quantity.ts'
import type { Printer, Terminal } from './terminal.ts'

export interface WorkOptions {
  /** What is being done: 'reading orders'. */
  readonly label: string
  /** How much there is; without it a spinner is drawn and no time left. */
  readonly total?: number
  /** What is counted, 'bytes' being printed as sizes. */
  readonly unit?: 'items' | 'bytes'
}

/** Work under way. Ending twice is harmless. */
export interface Work {
  /** So much more is done. */
  advance(by: number): void
  /** So much is done in all. */
  to(done: number): void
  /** Takes the bar off the screen. */
  end(): void
  [Symbol.dispose](): void
}

export interface ProgressParts {
  readonly stderr: Printer
  readonly terminal: Terminal
  readonly world: World
  /** False with --no-progress or --quiet. */
  readonly enabled: boolean
}

/** Ms between two pictures; work that is over sooner is never drawn. */
const PICTURE_MS = 100
const BAR_WIDTH = 24
const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const CLEAR_LINE = '\r\x1b[2K'

/** Draws at most one piece of work at a time; a newer one takes the line over. */
export class Progress {
  readonly #parts: ProgressParts
  readonly #draws: boolean
  #current: Drawn | undefined
  #timer: Timer | undefined
  #onScreen = false

  constructor(parts: ProgressParts) {
    this.#parts = parts
    this.#draws = parts.enabled && parts.terminal.animates
  }

  /** Begins a piece of work; the caller ends it, also on failure (`using work = progress.begin(…)`). */
  begin(options: WorkOptions): Work {
    const drawn = new Drawn(options, this.#parts.world.monotonic(), () => this.#end(drawn))
    this.#end(this.#current)
    this.#current = drawn
    if (this.#draws) this.#arm()
    return drawn
  }

  /** Takes the bar off the screen until the next picture: called before anything else is printed. */
  clear(): void {
    if (!this.#onScreen) return
    this.#parts.stderr.write(CLEAR_LINE)
    this.#onScreen = false
  }

  /** Ends whatever is under way. */
  close(): void {
    this.#end(this.#current)
  }

  #end(drawn: Drawn | undefined): void {
    if (drawn === undefined || drawn !== this.#current) return
    this.#timer?.cancel()
    this.#current = undefined
    this.clear()
  }

  #arm(): void {
    this.#timer = this.#parts.world.after(PICTURE_MS, () => {
      this.#draw()
      this.#arm()
    })
  }

  #draw(): void {
    const { stderr, terminal, world } = this.#parts
    if (this.#current === undefined) return
    const line = this.#current.line(world.monotonic())
    stderr.write(CLEAR_LINE + cut(line, (terminal.columns ?? 80) - 1))
    this.#onScreen = true
  }
}

class Drawn implements Work {
  readonly #options: WorkOptions
  readonly #began: number
  readonly #onEnd: () => void
  #done = 0
  #pictures = 0

  constructor(options: WorkOptions, began: number, onEnd: () => void) {
    this.#options = options
    this.#began = began
    this.#onEnd = onEnd
  }

  advance(by: number): void {
    this.#done += by
  }

  to(done: number): void {
    this.#done = done
  }

  end(): void {
    this.#onEnd()
  }

  [Symbol.dispose](): void {
    this.end()
  }

  line(now: number): string {
    const { label, total, unit = 'items' } = this.#options
    const amount = (count: number): string =>
      unit === 'bytes' ? formatBytes(count) : String(Math.round(count))
    const perSecond = (this.#done / Math.max(1, now - this.#began)) * 1000
    const rate = this.#done === 0 ? '' : ` ${amount(perSecond)}/s`
    if (total === undefined) {
      const count = this.#done === 0 ? '' : ` ${amount(this.#done)}`
      return `${spinner[this.#pictures++ % spinner.length]} ${label}${count}${rate}`
    }
    const share = total === 0 ? 1 : Math.min(1, this.#done / total)
    const left = perSecond === 0 ? '' : ` ETA ${formatDuration(leftMs(total - this.#done, perSecond))}`
    const filled = Math.floor(share * BAR_WIDTH)
    const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled)
    const percent = `${Math.floor(share * 100)}%`.padStart(4)
    return `${label} ${bar}${percent} ${amount(this.#done)}/${amount(total)}${rate}${left}`
  }
}

/** Rounded up to whole seconds, so that the figure does not flicker. */
function leftMs(left: number, perSecond: number): number {
  return Math.ceil(Math.max(0, left) / perSecond) * 1000
}
