// Section `share-start` of the metadata log: which partitions a share group reads, and from where it began. A partition's
// state is in the cursor log under a name that has the state's epoch in it: an administrator who sets the group back
// raises the epoch, and so begins a new cursor, because a cursor itself only ever rises.

import type { Offset } from '../../log/index.ts'
import type { Change, Json } from '../journal.ts'
import { KeptTable } from '../kept-table.ts'

const SECTION = 'share-start'
/** Of the cursor log's names, those that are share partitions'. */
export const CURSOR_PREFIX = 'share/'

export interface ShareStart {
  readonly groupId: string
  readonly topicId: string
  readonly partition: number
  readonly offset: Offset
  /** Of the state; rises when the offset is set anew. */
  readonly epoch: number
}

type Kept = { readonly offset: Offset; readonly epoch: number }

export class ShareStarts {
  readonly #byGroup = new Map<string, Map<string, ShareStart>>()
  readonly section = new KeptTable<ShareStart>(SECTION, {
    read: (json, key) => {
      const [groupId, topicId, partition] = JSON.parse(key) as [string, string, number]
      return { groupId, topicId, partition, ...(json as Kept) }
    },
    changed: (_, now, before) => this.#index(now, before),
  })

  get(groupId: string, topicId: string, partition: number): ShareStart | undefined {
    return this.#byGroup.get(groupId)?.get(`${topicId}/${partition}`)
  }
  of(groupId: string): ShareStart[] {
    return [...(this.#byGroup.get(groupId)?.values() ?? [])]
  }
  countOf(groupId: string): number {
    return this.#byGroup.get(groupId)?.size ?? 0
  }
  all(): ShareStart[] {
    return this.section.values()
  }

  #index(now: ShareStart | undefined, before: ShareStart | undefined): void {
    const { groupId, topicId, partition } = (now ?? before) as ShareStart
    const place = `${topicId}/${partition}`
    const group = this.#byGroup.get(groupId) ?? new Map<string, ShareStart>()
    if (now !== undefined) this.#byGroup.set(groupId, group.set(place, now))
    else if (group.delete(place) && group.size === 0) this.#byGroup.delete(groupId)
  }
}

/** The name of its state in the cursor log. */
export function cursorName({ groupId, topicId, partition, epoch }: ShareStart): string {
  return `${CURSOR_PREFIX}${topicId}/${partition}/${epoch}/${groupId}`
}

export function startChange({ groupId, topicId, partition, offset, epoch }: ShareStart): Change {
  const kept: Kept = { offset, epoch }
  return { section: SECTION, key: keyOf(groupId, topicId, partition), value: kept as Json }
}
export function startRemoval({ groupId, topicId, partition }: ShareStart): Change {
  return { section: SECTION, key: keyOf(groupId, topicId, partition), value: null }
}

function keyOf(groupId: string, topicId: string, partition: number): string {
  return JSON.stringify([groupId, topicId, partition])
}
