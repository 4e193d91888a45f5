// confirm.select (RabbitMQ's extension): from now on every publish is confirmed.

import { verb } from '../verb.ts'
import { ConfirmSelect, ConfirmSelectOk } from '../wire/index.ts'

export const confirmSelect = verb(ConfirmSelect, ({ noWait }, channel) => {
  channel.selectConfirms()
  if (!noWait) channel.send(ConfirmSelectOk, {})
})
