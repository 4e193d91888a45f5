// The client that our commands share: asks any broker, the controller, the leader of a partition or the coordinator of a
// group, and asks again, elsewhere if need be, while the time lasts. Works against any Kafka broker.

import type { Fields, InOf, OutOf } from '../../bytes/index.ts'
import type { Api } from '../../heads/kafka/wire/api.ts'
import { FindCoordinator } from '../../heads/kafka/wire/index.ts'
import type { World } from '../../world/index.ts'
import { holdProcess } from './alive.ts'
import { Cluster } from './cluster.ts'
import type { Connection, RequestOptions } from './connection.ts'
import { type Address, type DialSettings, dial } from './dial.ts'
import { BrokerFault, ConnectionFault, check, type FaultName } from './faults.ts'
import { type Patience, patiently, raced } from './patience.ts'

export interface ClientSettings extends DialSettings {
  readonly bootstrap: readonly Address[]
}

/**
 * Connects to the first broker that answers, and asks it for the others. Errors: ConnectionFault at the first failure,
 * as nobody wants to wait for a wrong address; CommandError when the login fails.
 */
export async function connect(settings: ClientSettings): Promise<Client> {
  const client = new Client(settings)
  try {
    await raced(client.cluster.any(), settings.signal)
    await raced(client.cluster.refresh([]), settings.signal)
    return client
  } catch (error) {
    await client.close()
    throw shutOut(error, settings)
  }
}

/** A broker that wants TLS or a login closes the connection, and cannot say why. */
function shutOut(error: unknown, { sasl, tls }: ClientSettings): unknown {
  if (!(error instanceof ConnectionFault) || error.next !== undefined) return error
  const missing = [
    ...(tls === undefined ? ['TLS (--tls)'] : []),
    ...(sasl === undefined ? ['a login (--user)'] : []),
  ]
  if (missing.length === 0) return error
  return new ConnectionFault(error.message, error, `does this listener want ${missing.join(' or ')}?`)
}

/** Checks an answer: throws a fault that decides whether it is asked again. */
export type Judge<Answer> = (answer: Answer) => void

export class Client implements Patience {
  readonly cluster: Cluster
  readonly world: World
  readonly timeoutMs: number
  readonly #release = holdProcess()
  #signal: AbortSignal

  constructor(settings: ClientSettings) {
    this.world = settings.world
    this.timeoutMs = settings.timeoutMs
    this.#signal = settings.signal
    this.cluster = new Cluster(settings.bootstrap, address =>
      dial(address, { ...settings, signal: this.#signal }),
    )
  }

  /** Ends all waiting of this client. */
  get signal(): AbortSignal {
    return this.#signal
  }

  /** From now on the signal ends nothing here: for commands that wind down properly (commit, leave, flush). */
  outliveSignal(): void {
    this.#signal = new AbortController().signal
  }

  /** Asks whichever broker answers. */
  ask<Q extends Fields, S extends Fields>(
    api: Api<Q, S>,
    request: InOf<Q>,
    judge?: Judge<OutOf<S>>,
  ): Promise<OutOf<S>> {
    return this.#ask(() => this.cluster.any(), api, request, judge)
  }

  /** Asks one broker. */
  askNode<Q extends Fields, S extends Fields>(
    nodeId: number,
    api: Api<Q, S>,
    request: InOf<Q>,
    judge?: Judge<OutOf<S>>,
  ): Promise<OutOf<S>> {
    return this.#ask(() => this.cluster.node(nodeId), api, request, judge)
  }

  /** Asks the controller, which creates and deletes. */
  askController<Q extends Fields, S extends Fields>(
    api: Api<Q, S>,
    request: InOf<Q>,
    judge?: Judge<OutOf<S>>,
  ): Promise<OutOf<S>> {
    return this.#ask(
      () => this.cluster.controller(),
      api,
      request,
      judge,
      () => this.cluster.refresh([]),
    )
  }

  /** Asks the group's coordinator, which is looked for anew at each attempt. */
  askCoordinator<Q extends Fields, S extends Fields>(
    group: string,
    api: Api<Q, S>,
    request: InOf<Q>,
    judge?: Judge<OutOf<S>>,
    options?: RequestOptions,
  ): Promise<OutOf<S>> {
    return this.#ask(() => this.coordinator(group), api, request, judge, undefined, options)
  }

  /** Makes attempts while the time lasts; before one elsewhere the topic's leaders are forgotten. */
  routed<T>(topic: string, attempt: () => Promise<T>): Promise<T> {
    return patiently(this, attempt, async retry => {
      if (retry === 'elsewhere') this.cluster.forget(topic)
    })
  }

  /** A connection to the group's coordinator. Errors: BrokerFault, ConnectionFault. */
  async coordinator(group: string): Promise<Connection> {
    const connection = await this.cluster.any()
    const answer = await connection.request(FindCoordinator, { key: group, coordinatorKeys: [group] })
    const [found = answer] = answer.coordinators
    check(found.errorCode, `group ${group}`, found.errorMessage)
    return this.cluster.connect({ host: found.host, port: found.port })
  }

  /** Ends all connections. Idempotent. */
  async close(): Promise<void> {
    await this.cluster.close()
    this.#release()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #ask<Q extends Fields, S extends Fields>(
    route: () => Promise<Connection>,
    api: Api<Q, S>,
    request: InOf<Q>,
    judge: Judge<OutOf<S>> = () => {},
    before?: () => Promise<unknown>,
    options?: RequestOptions,
  ): Promise<OutOf<S>> {
    const attempt = async (): Promise<OutOf<S>> => {
      const connection = await raced(route(), this.#signal)
      const answer = await raced(connection.request(api, request, options), this.#signal)
      judge(answer)
      return answer
    }
    return patiently(this, attempt, before)
  }
}

/** True when the error is a broker's refusal with one of these names. */
export function isFault(error: unknown, ...names: readonly FaultName[]): error is BrokerFault {
  return error instanceof BrokerFault && error.is(...names)
}
