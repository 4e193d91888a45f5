// What every foreign client is asked to do, in one set of words; each client is a file beside the others in clients/.

/** A record in base64, so that it passes through programs of any language unharmed. */
export interface Row {
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly (readonly [name: string, value: string])[]
}

export interface ReadRow extends Row {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

export type Codec = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
export const codecs: readonly Codec[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

export type Mechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
export const mechanisms: readonly Mechanism[] = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']

/** Where to connect to, and how to log in. */
export interface Target {
  readonly bootstrap: string
  readonly security?: {
    readonly mechanism: Mechanism
    readonly username: string
    readonly password: string
    /** File of the certificate authority, PEM. */
    readonly ca: string
  }
}

/** A member of a consumer group, as a process (or as if it were one). */
export interface Member {
  /** The partitions that it has now; undefined before the first assignment. */
  assigned(): readonly number[] | undefined
  /** The values that it read, in order. */
  values(): readonly string[]
  /** Commits, leaves the group and ends. */
  leave(): Promise<void>
}

export interface Client {
  readonly name: string
  readonly codecs: readonly Codec[]
  /** False when every record that one call writes must have the same headers, and text. */
  readonly free: boolean
  produce(
    target: Target,
    topic: string,
    codec: Codec,
    rows: readonly Row[],
    idempotent?: boolean,
  ): Promise<void>
  /** Reads from the start of the topics until `count` records are there. */
  consume(target: Target, topics: readonly string[], count: number, committed?: boolean): Promise<ReadRow[]>
  member(target: Target, topic: string, group: string): Member
  /**
   * In transactions: writes `kept-1` and `kept-2` and commits, writes `dropped` and aborts, writes `last` and commits it
   * with the offset 7 of partition 0 of `source` for the group `group`.
   */
  transact?(target: Target, names: TransactionNames): Promise<void>
  /** Administers, and tells each step's outcome. */
  administer?(target: Target): Promise<readonly Step[]>
}

export interface TransactionNames {
  readonly id: string
  readonly topic: string
  readonly source: string
  readonly group: string
}

export interface Step {
  readonly step: string
  readonly error?: string
}
