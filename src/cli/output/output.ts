// What a command prints through: rows, a record, text or bytes on stdout in the format that was asked for, and notes
// on stderr, so that a pipe never sees anything but the result. Writes wait for a slow reader. The writer of a format
// is imported by the invocation that uses it, which keeps the others quick to start.

import { once } from 'node:events'
import type { Printer, Terminal } from '../terminal.ts'
import { type Columns, exported, jsonText, type Row, type RowOf } from './columns.ts'
import { type Format, isForPeople } from './format.ts'
import type { Table } from './table.ts'

export interface RowsOptions {
  /** Each row is written when it comes and not kept: for a result that has no end. */
  readonly live?: boolean
  /** The sentence that people get on stderr when there are no rows: what to do next. */
  readonly empty?: string
}

export interface RecordOptions {
  /** The text for people in place of a table of names and values. */
  readonly text?: string
}

/** The outputs of one invocation. All that goes to stdout rejects with EPIPE once its reader has gone. */
export interface Output<C extends Columns = Columns> {
  readonly format: Format
  /** Writes a list: once per invocation. */
  rows(rows: Iterable<RowOf<C>> | AsyncIterable<RowOf<C>>, options?: RowsOptions): Promise<void>
  /** Writes one thing: once per invocation. */
  record(row: RowOf<C>, options?: RecordOptions): Promise<void>
  /** Writes a result that is text by nature, whatever the format (but `off`). */
  text(text: string): Promise<void>
  /** Writes a result that is bytes by nature. */
  bytes(chunk: Uint8Array): Promise<void>
  /** A line for people on stderr; silent with --quiet. */
  note(line: string): void
  /** A warning on stderr, also with --quiet. */
  warn(line: string): void
}

export interface OutputParts {
  readonly stdout: Printer
  readonly stderr: Printer
  readonly terminal: Terminal
  readonly errorTerminal: Terminal
  readonly format: Format
  readonly quiet: boolean
  readonly columns: Columns
  /** Called before anything is written, to take a progress bar off the screen. */
  readonly beforeWrite: () => void
}

/** Rows are gathered to about this many characters per write. */
const CHUNK_LENGTH = 64 * 1024

export class StreamOutput implements Output {
  readonly format: Format
  readonly #parts: OutputParts
  #pending: string[] = []
  #pendingLength = 0

  constructor(parts: OutputParts) {
    this.format = parts.format
    this.#parts = parts
  }

  async rows(rows: Iterable<Row> | AsyncIterable<Row>, options: RowsOptions = {}): Promise<void> {
    const { format } = this
    if (isForPeople(format)) await this.#table(rows, options)
    else if (format === 'off' || format === 'schema') await exhaust(rows)
    else {
      const { rowWriter } = await import('./row-writer.ts')
      const writer = rowWriter(format, this.#parts.columns)
      await this.#add(writer.open(), options)
      let count = 0
      for await (const row of rows)
        await this.#add(writer.row(exported(this.#parts.columns, row), count++), options)
      await this.#add(writer.close(count), options)
    }
    await this.#flush()
  }

  async record(row: Row, options: RecordOptions = {}): Promise<void> {
    const { columns, terminal } = this.#parts
    if (isForPeople(this.format)) {
      if (options.text !== undefined) return this.text(options.text)
      const { recordLines } = await import('./table.ts')
      const lines = recordLines(columns, row, { wide: this.format === 'wide', paint: terminal.paint })
      await this.text(lines.join('\n'))
    } else if (this.format === 'json') await this.text(jsonText(exported(columns, row), 2))
    else if (this.format === 'yaml') {
      const { yamlText } = await import('./yaml.ts')
      await this.text(yamlText(exported(columns, row)))
    } else await this.rows([row])
  }

  async text(text: string): Promise<void> {
    if (this.format !== 'off') await this.#write(text.endsWith('\n') ? text : `${text}\n`)
  }

  async bytes(chunk: Uint8Array): Promise<void> {
    if (this.format !== 'off') await this.#write(chunk)
  }

  note(line: string): void {
    if (!this.#parts.quiet) this.#say(line)
  }

  warn(line: string): void {
    this.#say(`${this.#parts.errorTerminal.paint('yellow', 'warning:')} ${line}`)
  }

  #say(line: string): void {
    this.#parts.beforeWrite()
    this.#parts.stderr.write(`${line}\n`)
  }

  async #table(rows: Iterable<Row> | AsyncIterable<Row>, options: RowsOptions): Promise<void> {
    const kept: Row[] = []
    let table: Table | undefined
    for await (const row of rows) {
      if (options.live !== true) kept.push(row)
      else {
        table ??= await this.#startTable([row])
        await this.#add(`${table.row(row)}\n`, options)
      }
    }
    if (table !== undefined) return
    if (kept.length === 0 && options.empty !== undefined) return this.note(options.empty)
    table = await this.#startTable(kept)
    for (const row of kept) await this.#add(`${table.row(row)}\n`, options)
  }

  async #startTable(sample: readonly Row[]): Promise<Table> {
    const { columns, terminal } = this.#parts
    const { paint } = terminal
    const { Table } = await import('./table.ts')
    const table = new Table(columns, sample, { wide: this.format === 'wide', limit: terminal.columns, paint })
    await this.#add(`${table.header()}\n`, {})
    return table
  }

  async #add(text: string, options: RowsOptions): Promise<void> {
    this.#pending.push(text)
    this.#pendingLength += text.length
    if (options.live === true || this.#pendingLength >= CHUNK_LENGTH) await this.#flush()
  }

  async #flush(): Promise<void> {
    const text = this.#pending.join('')
    this.#pending = []
    this.#pendingLength = 0
    if (text !== '') await this.#write(text)
  }

  async #write(chunk: string | Uint8Array): Promise<void> {
    const { stdout } = this.#parts
    if (stdout.errored) throw stdout.errored
    this.#parts.beforeWrite()
    if (!stdout.write(chunk)) await once(stdout, 'drain')
  }
}

/** Rows may be made as they are read, with effects, so `off` reads them too. */
async function exhaust(rows: Iterable<Row> | AsyncIterable<Row>): Promise<void> {
  for await (const _row of rows);
}
