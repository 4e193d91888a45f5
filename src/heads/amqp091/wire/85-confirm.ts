// Class confirm (85): RabbitMQ's publisher confirms.

import { bit } from './kinds.ts'
import { method } from './method.ts'

export const ConfirmSelect = method(
  { class: 85, id: 10, name: 'confirm.select', from: 'client' },
  { noWait: bit() },
)

export const ConfirmSelectOk = method({ class: 85, id: 11, name: 'confirm.select-ok', from: 'server' }, {})
