// How many connections and channels a user may have open at a time, as RabbitMQ's administrators set it. The head that
// has connections counts them; here is what they are compared with.

import { BrokerError } from '../errors.ts'
import type { Change, Journal, Section } from '../journal.ts'
import { KeptTable } from '../kept-table.ts'
import { Writes } from '../writes.ts'

const USER_LIMITS = 'user-limits'

/** Undefined or below 0: no limit. 0: none at all. */
export interface UserLimitValues {
  readonly maxConnections?: number
  readonly maxChannels?: number
}

export interface UserLimitsParts {
  readonly isUser: (name: string) => boolean
}

export class UserLimits {
  readonly sections: readonly Section[]
  readonly #parts: UserLimitsParts
  readonly #table = new KeptTable<UserLimitValues>(USER_LIMITS, {
    read: json => json as unknown as UserLimitValues,
  })
  readonly #writes = new Writes()

  constructor(parts: UserLimitsParts) {
    this.#parts = parts
    this.sections = [this.#table]
  }

  attach(journal: Journal): void {
    this.#writes.attach(journal)
  }

  /** What is set of a user; an empty object when nothing is. */
  get(user: string): UserLimitValues {
    return this.#table.get(user) ?? none
  }

  /** Users that have limits, by name. */
  list(): string[] {
    return [...this.#table.keys()].sort()
  }

  /** Replaces the limits of a user; without any they are gone. Errors: USER_UNKNOWN, ARGUMENT_INVALID, STORAGE_*. */
  async set(user: string, limits: UserLimitValues): Promise<void> {
    if (!this.#parts.isUser(user)) throw new BrokerError('USER_UNKNOWN', `there is no user '${user}'`)
    for (const [what, value] of Object.entries(limits))
      if (value !== undefined && !Number.isSafeInteger(value))
        throw new BrokerError(
          'ARGUMENT_INVALID',
          `${what} of user '${user}' must be a whole number, it is ${value}`,
        )
    const { maxConnections, maxChannels } = limits
    const isNone = maxConnections === undefined && maxChannels === undefined
    const value = isNone ? null : { maxConnections, maxChannels }
    await this.#writes.write([{ section: USER_LIMITS, key: user, value }])
  }

  /** Refuses one connection more than there may be; `count` gives how many there are. Errors: LIMIT_EXCEEDED. */
  checkConnections(user: string, count: () => number): void {
    const limit = this.get(user).maxConnections ?? -1
    if (limit < 0 || count() < limit) return
    throw new BrokerError(
      'LIMIT_EXCEEDED',
      `connection refused for user '${user}': user connection limit (${limit}) is reached`,
    )
  }

  /** Refuses one channel more than there may be; `count` gives how many there are. Errors: LIMIT_EXCEEDED. */
  checkChannels(user: string, count: () => number): void {
    const limit = this.get(user).maxChannels ?? -1
    if (limit < 0 || count() < limit) return
    throw new BrokerError(
      'LIMIT_EXCEEDED',
      `number of channels opened for user '${user}' has reached the maximum allowed user limit of (${limit})`,
    )
  }

  /** The change that forgets a user's limits. */
  forget(user: string): readonly Change[] {
    return this.#table.has(user) ? [{ section: USER_LIMITS, key: user, value: null }] : []
  }
}

const none: UserLimitValues = {}
