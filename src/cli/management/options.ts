// Management options of a command, and the client that they mean.

import { type AmqpContext, amqpOptions, amqpTarget } from '../amqp/options.ts'
import type { OptionValues } from '../option.ts'
import { Management, managementOptions } from './client.ts'

/** For commands that ask the management API only: how they are known, and where it is. */
export const listingOptions = { ...amqpOptions, ...managementOptions } as const

type ManagementContext = AmqpContext & { readonly options: OptionValues<typeof managementOptions> }

/** Throws CommandError (usage, config). */
export function managementOf(context: ManagementContext): Management {
  const { options, signal } = context
  const target = amqpTarget(context)
  return new Management({ target, management: options.management, timeoutMs: options.timeout, signal })
}
