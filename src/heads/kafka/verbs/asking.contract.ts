// A broker with its Kafka head and no sockets, for tests of verbs: a request goes through its table into bytes and
// back, through the verb, and so does the answer. What a verb throws is answered as a connection would answer it.

import { type Operation, type Principal, type ResourceType, user } from '../../../auth/index.ts'
import { Broker, type BrokerOptions } from '../../../broker/index.ts'
import { type Fields, Reader, Writer } from '../../../bytes/index.ts'
import { openMemoryStore } from '../../../log/index.ts'
import { ManualWorld, silent } from '../../../world/index.ts'
import { refusalOf } from '../errors.ts'
import { FetchSessions } from '../fetch-sessions.ts'
import { Kafka } from '../head.ts'
import type { Limits } from '../limits.ts'
import { Session } from '../session.ts'
import type { Call } from '../verb.ts'
import type { Api, RequestInput, ResponseOutput } from '../wire/api.ts'
import { verbOf } from './index.ts'

const LISTENER = 'kafka'

export interface Asking {
  /** Default: the newest. */
  readonly version?: number
  /** The virtual broker. Default 0. */
  readonly nodeId?: number
  /** Who asks. Default 'root', which may do everything unless `access` says otherwise. */
  readonly as?: string
}

export class Scene {
  readonly broker: Broker
  readonly kafka: Kafka
  /** One connection for each virtual broker. */
  readonly #fetchSessions = new Map<number, FetchSessions>()

  private constructor(broker: Broker, kafka: Kafka) {
    this.broker = broker
    this.kafka = kafka
    for (const id of kafka.cluster.nodeIds) this.#fetchSessions.set(id, new FetchSessions(kafka))
  }

  static async open({
    brokers = 1,
    settings = {},
    access = {},
    limits = {},
    store = openMemoryStore(),
  }: {
    readonly brokers?: number
    readonly settings?: Readonly<Record<string, string | number | boolean>>
    readonly access?: NonNullable<BrokerOptions['access']>
    readonly limits?: Partial<Limits>
    readonly store?: ReturnType<typeof openMemoryStore>
  } = {}): Promise<Scene> {
    const world = new ManualWorld()
    const broker = await Broker.open({ store, world, settings, access })
    const kafka = await Kafka.open({ broker, world, report: silent, brokers, limits, listeners: [] })
    for (const id of kafka.cluster.nodeIds)
      kafka.cluster.place(LISTENER, id, { host: 'here', port: 9092 + id })
    return new Scene(broker, kafka)
  }

  async ask<Request extends Fields, Response extends Fields>(
    api: Api<Request, Response>,
    request: RequestInput<Api<Request, Response>>,
    { version = api.versions.max, nodeId = 0, as = 'root' }: Asking = {},
  ): Promise<ResponseOutput<Api<Request, Response>>> {
    const verb = verbOf(api as unknown as Api)
    const asked = throughBytes(api.request, request, version) as object
    const answer = await this.#handled(verb, asked, this.#call(version, nodeId, user(as)))
    return throughBytes(api.response, answer, version) as ResponseOutput<Api<Request, Response>>
  }

  async close(): Promise<void> {
    await this.kafka.close()
    await this.broker.close()
  }

  async #handled(verb: ReturnType<typeof verbOf>, request: object, call: Call): Promise<unknown> {
    try {
      return await verb.handle(request, call)
    } catch (error) {
      const { code, message, unexpected } = refusalOf(error)
      if (unexpected) throw error
      return verb.refuse(request, code, message)
    }
  }

  #call(version: number, nodeId: number, principal: Principal): Call {
    const { broker, kafka } = this
    const host = '127.0.0.1'
    const fetchSessions = this.#fetchSessions.get(nodeId)
    if (fetchSessions === undefined) throw new Error(`there is no virtual broker ${nodeId}`)
    return {
      kafka,
      fetchSessions,
      session: new Session({
        mechanisms: [],
        reauthMs: 0,
        begin: mechanism => mechanism.start(broker.access.users, { address: host }, kafka.world),
      }),
      version,
      clientId: 'test',
      nodeId,
      listener: LISTENER,
      principal,
      host,
      signal: new AbortController().signal,
      afterSent: () => {}, // an answer that is only looked at never leaves
      allows: (operation: Operation, type: ResourceType, name: string) =>
        broker.access.authorizer.authorize({ principal, host }, operation, { type, name }),
    }
  }
}

function throughBytes(message: Api['request'], value: unknown, version: number): unknown {
  const writer = new Writer()
  message.encode(writer, value as object, version)
  const bytes = Buffer.concat(writer.finish())
  return message.decode(new Reader(bytes), version)
}
