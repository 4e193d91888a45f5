// A verb of rabbitmqctl: its arguments, and what it does with the management API.

import type { OptionValues } from '../../option.ts'
import type { JsonObject, ManagementClient } from './client.ts'
import type { rabbitmqctlOptions } from './options.ts'

/** What a verb gives: a sentence for people, a list with its columns, or a text that is the result. */
export type Result =
  | { readonly at: 'done'; readonly said: string }
  | {
      readonly at: 'rows'
      readonly said: string
      readonly columns: readonly Column[]
      readonly rows: readonly JsonObject[]
    }
  | { readonly at: 'object'; readonly object: JsonObject; readonly text: string }
  | { readonly at: 'text'; readonly text: string }

/** The name that people ask for, and the field of the API's object that it shows. */
export interface Column {
  readonly name: string
  readonly field: string
}

export interface Given {
  readonly client: ManagementClient
  readonly words: readonly string[]
  readonly vhost: string
  readonly options: OptionValues<typeof rabbitmqctlOptions>
  /** All of standard input as text. */
  readonly input: () => Promise<string>
}

export interface Verb {
  /** `NAME [PASSWORD]`, for messages. */
  readonly usage: string
  /** How many words it takes. */
  readonly words: readonly [least: number, most: number]
  run(given: Given): Promise<Result>
}

export function done(said: string): Result {
  return { at: 'done', said }
}
