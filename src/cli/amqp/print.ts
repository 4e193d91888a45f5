// Messages as a command prints them: bodies for people, a line each, and rows for programs; each is settled when it is out.

import { isForPeople } from '../output/format.ts'
import type { Output } from '../output/output.ts'
import type { Delivered } from './channel.ts'
import { type messageColumns, messageRow } from './message-row.ts'

export interface Taken {
  readonly message: Delivered
  /** It is printed: acknowledge it. */
  settle(): void
}

const lineFeed = Buffer.from('\n')

/** Prints messages as they come. */
export async function printMessages(
  messages: AsyncIterable<Taken>,
  output: Output<typeof messageColumns>,
): Promise<void> {
  if (!isForPeople(output.format)) return output.rows(rowsOf(messages), { live: true })
  for await (const { message, settle } of messages) {
    await output.bytes(Buffer.concat([message.body, lineFeed]))
    settle()
  }
}

/** A row is out when the next is asked for. */
async function* rowsOf(messages: AsyncIterable<Taken>) {
  for await (const { message, settle } of messages) {
    yield messageRow(message)
    settle()
  }
}
