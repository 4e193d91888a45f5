// Runtime parameters as the management API has them: values by component, virtual host and name, and global ones by
// name. They are kept and shown; shovels and federation, which RabbitMQ reads from them, are not here.

import { BrokerError } from './errors.ts'
import type { Change, Journal, Json, Section } from './journal.ts'
import { KeptTable } from './kept-table.ts'
import { Writes } from './writes.ts'

const PARAMETER = 'parameter'
const GLOBAL = 'global-parameter'
/** Parameters of each of the two kinds. Ours. */
export const PARAMETERS_MAX = 10_000
/** Longest value as JSON, in characters. Ours. */
export const PARAMETER_LENGTH_MAX = 65_536

export interface Parameter {
  readonly component: string
  readonly vhost: string
  readonly name: string
  readonly value: Json
}

export interface GlobalParameter {
  readonly name: string
  readonly value: Json
}

type AnyTable = Pick<KeptTable<unknown>, 'name' | 'size' | 'has'>

export class Parameters {
  readonly sections: readonly Section[]
  readonly #parameters = new KeptTable<Parameter>(PARAMETER, { read: json => json as unknown as Parameter })
  readonly #globals = new KeptTable<GlobalParameter>(GLOBAL, {
    read: json => json as unknown as GlobalParameter,
  })
  readonly #vhosts: { has(name: string): boolean }
  readonly #writes = new Writes()

  constructor({ vhosts }: { readonly vhosts: { has(name: string): boolean } }) {
    this.#vhosts = vhosts
    this.sections = [this.#parameters, this.#globals]
  }

  attach(journal: Journal): void {
    this.#writes.attach(journal)
  }

  list({ component, vhost }: { readonly component?: string; readonly vhost?: string } = {}): Parameter[] {
    return this.#parameters
      .values()
      .filter(one => (component ?? one.component) === one.component && (vhost ?? one.vhost) === one.vhost)
  }

  get(component: string, vhost: string, name: string): Parameter | undefined {
    return this.#parameters.get(keyOf(component, vhost, name))
  }

  /** Errors: VHOST_UNKNOWN, LIMIT_EXCEEDED, ARGUMENT_INVALID, STORAGE_*. */
  async set(parameter: Parameter): Promise<void> {
    const { component, vhost, name, value } = parameter
    if (!this.#vhosts.has(vhost)) throw new BrokerError('VHOST_UNKNOWN', `no vhost '${vhost}'`)
    const key = keyOf(component, vhost, name)
    checkRoom(this.#parameters, key)
    checkValue(value)
    await this.#writes.write([{ section: PARAMETER, key, value: { component, vhost, name, value } }])
  }

  /** Whether there was one. Errors: STORAGE_*. */
  async clear(component: string, vhost: string, name: string): Promise<boolean> {
    return this.#clear(this.#parameters, keyOf(component, vhost, name))
  }

  globals(): GlobalParameter[] {
    return this.#globals.values()
  }

  global(name: string): GlobalParameter | undefined {
    return this.#globals.get(name)
  }

  /** Errors: LIMIT_EXCEEDED, ARGUMENT_INVALID, STORAGE_*. */
  async setGlobal({ name, value }: GlobalParameter): Promise<void> {
    checkRoom(this.#globals, name)
    checkValue(value)
    await this.#writes.write([{ section: GLOBAL, key: name, value: { name, value } }])
  }

  /** Whether there was one. Errors: STORAGE_*. */
  async clearGlobal(name: string): Promise<boolean> {
    return this.#clear(this.#globals, name)
  }

  /** What takes the virtual host's parameters out of the metadata log. */
  forgetVhost(vhost: string): readonly Change[] {
    return this.list({ vhost }).map(one => ({
      section: PARAMETER,
      key: keyOf(one.component, vhost, one.name),
      value: null,
    }))
  }

  async #clear(table: AnyTable, key: string): Promise<boolean> {
    if (!table.has(key)) return false
    await this.#writes.write([{ section: table.name, key, value: null }])
    return true
  }
}

function keyOf(component: string, vhost: string, name: string): string {
  return JSON.stringify([component, vhost, name])
}

function checkRoom(table: AnyTable, key: string): void {
  if (table.size >= PARAMETERS_MAX && !table.has(key))
    throw new BrokerError('LIMIT_EXCEEDED', `there are ${PARAMETERS_MAX} parameters already; clear some`)
}

function checkValue(value: Json): void {
  const { length } = JSON.stringify(value)
  if (length > PARAMETER_LENGTH_MAX)
    throw new BrokerError(
      'ARGUMENT_INVALID',
      `the value has ${length} characters as JSON, ${PARAMETER_LENGTH_MAX} are the most`,
    )
}
