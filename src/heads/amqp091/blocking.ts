// What an alarm, memory or disk running out, does to one connection: once it has published it is told, and the next
// message that it publishes waits until the alarm ends, with all that comes after it on the connection.

import { type Deferred, deferred } from '../../flow/index.ts'
import type { Verb } from './verb.ts'

export class Blocking {
  #published = false
  #isRaised = false
  #end: Deferred<void> | undefined

  /** Whether an alarm is raised and the client has published. */
  get isRaised(): boolean {
    return this.#isRaised
  }
  /** Whether a message waits for the end of the alarm. */
  get holds(): boolean {
    return this.#end !== undefined
  }
  /** Whether publishing would have to wait, or waits. */
  get state(): 'blocking' | 'blocked' | undefined {
    if (this.holds) return 'blocked'
    return this.#isRaised ? 'blocking' : undefined
  }

  /** The client publishes; whether it does so for the first time: alarms concern it from now on. */
  published(): boolean {
    const isFirst = !this.#published
    this.#published = true
    return isFirst
  }

  /** Whether anything changed by an alarm that is there now, or is not. */
  update(isAlarm: boolean): boolean {
    const isRaised = isAlarm && this.#published
    if (isRaised === this.#isRaised) return false
    this.#isRaised = isRaised
    if (!isRaised) this.#release()
    return true
  }

  /** The verb, to be run when no alarm is raised; `isOver` says that the connection has ended meanwhile. */
  whenLifted({ method, handle }: Verb, isOver: () => boolean): Verb {
    const waiting: Verb['handle'] = async (args, channel) => {
      while (this.#isRaised) {
        this.#end ??= deferred()
        await this.#end.promise
      }
      if (!isOver()) await handle(args, channel)
    }
    return { method, handle: waiting }
  }

  #release(): void {
    this.#end?.resolve()
    this.#end = undefined
  }
}
