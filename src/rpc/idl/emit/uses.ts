// A type where it is used: as TypeScript has it, and as the table has it.

import type { Size, TypeSchema, Use } from '../check/schema.ts'
import type { Base } from '../grammar/syntax.ts'
import { call, lazily } from './code.ts'
import type { Doc } from './layout.ts'
import type { ModuleNames } from './names.ts'

/** What becomes of strings: see docs/idl.md. */
export type StringPolicy = 'utf8' | 'latin1' | 'bytes'

const bases: Readonly<Record<Base, { readonly type: string; readonly table: string }>> = {
  int: { type: 'number', table: 'xdr.int' },
  'unsigned int': { type: 'number', table: 'xdr.uint' },
  hyper: { type: 'bigint', table: 'xdr.hyper' },
  'unsigned hyper': { type: 'bigint', table: 'xdr.uhyper' },
  float: { type: 'number', table: 'xdr.float' },
  double: { type: 'number', table: 'xdr.double' },
  quadruple: { type: 'Uint8Array', table: 'xdr.quadruple' },
  bool: { type: 'boolean', table: 'xdr.bool' },
  char: { type: 'number', table: 'xdr.char' },
  'unsigned char': { type: 'number', table: 'xdr.uchar' },
  short: { type: 'number', table: 'xdr.short' },
  'unsigned short': { type: 'number', table: 'xdr.ushort' },
}

export class Uses {
  readonly names: ModuleNames
  readonly #strings: StringPolicy
  readonly #types: ReadonlyMap<string, TypeSchema>
  /** Types whose tables stand above the one under way. */
  readonly #done = new Set<string>()

  constructor(types: readonly TypeSchema[], names: ModuleNames, strings: StringPolicy) {
    this.names = names
    this.#strings = strings
    this.#types = new Map(types.map(type => [type.name, type]))
  }

  /** From here on the table of this type can be used as it is. */
  finish(name: string): void {
    this.#done.add(name)
  }

  /** The TypeScript type. */
  type(use: Use): string {
    switch (use.kind) {
      case 'base':
        return bases[use.base].type
      case 'string':
        return this.#strings === 'bytes' ? 'Uint8Array' : 'string'
      case 'opaque':
      case 'varOpaque':
        return 'Uint8Array'
      case 'named':
        return this.names.take(use.name)
      case 'array':
      case 'varArray':
        return `readonly ${this.#element(use.of)}[]`
      case 'optional':
        return `${this.type(use.of)} | undefined`
      case 'list': {
        const node = this.names.take(use.node)
        return use.isFull ? `readonly [${node}, ...${node}[]]` : `readonly ${node}[]`
      }
      case 'void':
        return 'undefined'
      case 'tuple':
        return `readonly [${use.of.map(one => this.type(one.use)).join(', ')}]`
    }
  }

  /** The table. */
  table(use: Use): Doc {
    switch (use.kind) {
      case 'base':
        return bases[use.base].table
      case 'string': {
        const kinds = { utf8: 'xdr.string', latin1: 'xdr.latin1', bytes: 'xdr.varOpaque' }
        return call(kinds[this.#strings], this.#bound(use.max))
      }
      case 'opaque':
        return call('xdr.opaque', [this.#size(use.length)])
      case 'varOpaque':
        return call('xdr.varOpaque', this.#bound(use.max))
      case 'named':
        return this.#named(use.name)
      case 'array':
        return call('xdr.array', [this.table(use.of), this.#size(use.length)])
      case 'varArray':
        return call('xdr.varArray', [this.table(use.of), ...this.#bound(use.max)])
      case 'optional':
        return call('xdr.optional', [this.table(use.of)])
      case 'list':
        return call(use.isFull ? 'xdr.fullList' : 'xdr.list', [this.#named(use.node)])
      case 'void':
        return 'xdr.nothing'
      case 'tuple':
        return call(
          'xdr.tuple',
          use.of.map(one => this.table(one.use)),
        )
    }
  }

  /** Whether undefined is one of its values, so that a field of it may be left out. */
  isOptional(use: Use): boolean {
    if (use.kind === 'optional') return true
    const type = use.kind === 'named' ? this.#types.get(use.name) : undefined
    return type?.kind === 'typedef' && this.isOptional(type.use)
  }

  /** The values that an enum has. */
  memberValues(name: string | undefined): readonly number[] {
    const type = name === undefined ? undefined : this.#types.get(name)
    return type?.kind === 'enum' ? type.members.map(({ value }) => value) : []
  }

  #element(use: Use): string {
    const type = this.type(use)
    return type.includes(' ') ? `(${type})` : type
  }

  #named(name: string): Doc {
    const { table } = this.names.type(name)
    return this.#done.has(name) ? table : lazily(table)
  }

  #bound(size: Size | undefined): Doc[] {
    return size === undefined ? [] : [this.#size(size)]
  }

  #size({ value, constant }: Size): string {
    return constant === undefined ? String(value) : this.names.take(constant)
  }
}
