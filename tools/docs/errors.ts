// Every error code of every room.

import { authErrors } from '../../src/auth/index.ts'
import { BrokerError, type BrokerErrorCode, brokerErrors } from '../../src/broker/index.ts'
import { kafkaErrors, refusalOf } from '../../src/heads/kafka/errors.ts'
import { logErrors } from '../../src/log/index.ts'
import { grpcErrors } from '../../src/rpc/grpc/index.ts'
import { callErrors, oncErrors, valueErrors } from '../../src/rpc/index.ts'
import { serverErrors } from '../../src/server/index.ts'
import { spErrors } from '../../src/sockets/sp/index.ts'
import { code, table } from './table.ts'

const kafkaNames = new Map<number, string>(
  Object.entries(kafkaErrors).map(([name, number]) => [number, name]),
)

export function errorTables(): string {
  return [
    `## server: what keeps it from starting\n\n${withNext(serverErrors)}`,
    `## log: what the store says\n\n${withNext(logErrors)}`,
    `## broker: what a request is refused with\n\n${brokerTable()}`,
    `## sockets: what a nanomsg socket refuses\n\n${withNext(spErrors)}`,
    `## rpc: what a call over ONC RPC fails with\n\n${withNext(oncErrors)}`,
    `## rpc: what a call in the language fails with\n\n${withNext(callErrors)}`,
    `## rpc: what a value is refused with that cannot travel\n\n${withNext(valueErrors)}`,
    `## rpc/grpc: what a call over gRPC fails with\n\n${withNext(grpcErrors)}`,
    `## auth: what an administrator is refused with\n\n${withNext(authErrors)}`,
  ].join('\n\n')
}

type Rows = Readonly<Record<string, { readonly next: string; readonly retriable?: boolean }>>

function withNext(errors: Rows): string {
  return table(
    ['code', 'may succeed later', 'what to do'],
    Object.entries(errors).map(([name, { next, retriable }]) => [code(name), yesOrNo(retriable), next]),
  )
}

function brokerTable(): string {
  const names = Object.keys(brokerErrors) as BrokerErrorCode[]
  return table(
    ['code', 'may succeed later', 'what Kafka clients are told'],
    names.map(name => {
      const number = refusalOf(new BrokerError(name, '')).code
      return [
        code(name),
        yesOrNo(brokerErrors[name].retriable),
        `${code(kafkaNames.get(number) ?? '')} (${number})`,
      ]
    }),
  )
}

function yesOrNo(value: boolean | undefined): string {
  return value === true ? 'yes' : 'no'
}
