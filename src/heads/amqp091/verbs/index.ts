// Every method that a client may send on a channel, and who handles it. Those of connections and the opening and closing
// of channels are the session's (session.ts).

import type { Verb } from '../verb.ts'
import type { Method } from '../wire/method.ts'
import { basicAck } from './basic-ack.ts'
import { basicCancel, basicCancelOk } from './basic-cancel.ts'
import { basicConsume } from './basic-consume.ts'
import { basicGet } from './basic-get.ts'
import { basicNack, basicReject } from './basic-nack.ts'
import { basicPublish } from './basic-publish.ts'
import { basicQos } from './basic-qos.ts'
import { basicRecover, basicRecoverAsync } from './basic-recover.ts'
import { channelFlow, channelFlowOk } from './channel-flow.ts'
import { confirmSelect } from './confirm-select.ts'
import { exchangeBind } from './exchange-bind.ts'
import { exchangeDeclare } from './exchange-declare.ts'
import { exchangeDelete } from './exchange-delete.ts'
import { exchangeUnbind } from './exchange-unbind.ts'
import { queueBind } from './queue-bind.ts'
import { queueDeclare } from './queue-declare.ts'
import { queueDelete } from './queue-delete.ts'
import { queuePurge } from './queue-purge.ts'
import { queueUnbind } from './queue-unbind.ts'
import { txCommit } from './tx-commit.ts'
import { txRollback } from './tx-rollback.ts'
import { txSelect } from './tx-select.ts'

/** In the order of the specification. */
export const verbs: readonly Verb[] = [
  channelFlow,
  channelFlowOk,
  exchangeDeclare,
  exchangeDelete,
  exchangeBind,
  exchangeUnbind,
  queueDeclare,
  queueBind,
  queuePurge,
  queueDelete,
  queueUnbind,
  basicQos,
  basicConsume,
  basicCancel,
  basicCancelOk,
  basicPublish,
  basicGet,
  basicAck,
  basicReject,
  basicRecoverAsync,
  basicRecover,
  basicNack,
  confirmSelect,
  txSelect,
  txCommit,
  txRollback,
]

const byId = new Map(verbs.map(one => [one.method.id, one]))

/** Undefined for a method that is not a client's to send on a channel. */
export function verbOf(method: Method): Verb | undefined {
  return byId.get(method.id)
}
