// Which names a folder holds, on two planes, and the journal between them: every create, rename and remove is live at
// once and durable only after its folder was synced. At a power loss each entry of the journal is kept or lost by
// itself (file systems promise no order between them), but a rename is whole: the old name or the new.

import type { Dice } from './dice.ts'
import { systemError } from './failures.ts'
import { Inode } from './inode.ts'

export class Folder {
  readonly live = new Map<string, Node>()
  readonly durable = new Map<string, Node>()
}

export type Node = Inode | Folder

/** `node` leaves `from` and comes to `to`; one of the two is missing when it is created or removed. */
interface Change {
  /** Counts up. */
  readonly order: number
  readonly node: Node
  readonly from?: Place
  readonly to?: Place
}

/** A name in a folder, whether or not something is there. */
export interface Place {
  readonly folder: Folder
  readonly name: string
}

export class Names {
  readonly #root: Folder
  #journal: Change[]
  #order = 0

  constructor(root = new Folder(), journal: Change[] = []) {
    this.#root = root
    this.#journal = journal
    this.#order = journal.at(-1)?.order ?? 0
  }

  /** Where `path` is or would be. ENOENT or ENOTDIR when its parent is not a folder. */
  place(path: string, syscall: string): Place {
    const cut = path.lastIndexOf('/')
    if (cut === -1) return { folder: this.#root, name: path }
    return { folder: this.folder(path.slice(0, cut), syscall), name: path.slice(cut + 1) }
  }

  folder(path: string, syscall: string): Folder {
    let folder = this.#root
    for (const name of path.split('/')) {
      if (name === '' || name === '.') continue
      const next = folder.live.get(name)
      if (next === undefined) throw systemError('ENOENT', syscall, path)
      if (!(next instanceof Folder)) throw systemError('ENOTDIR', syscall, path)
      folder = next
    }
    return folder
  }

  add(place: Place, node: Node): void {
    place.folder.live.set(place.name, node)
    this.#journal.push({ order: ++this.#order, node, to: place })
  }

  remove(place: Place, node: Node): void {
    place.folder.live.delete(place.name)
    this.#journal.push({ order: ++this.#order, node, from: place })
  }

  rename(from: Place, to: Place, node: Node): void {
    from.folder.live.delete(from.name)
    to.folder.live.set(to.name, node)
    this.#journal.push({ order: ++this.#order, node, from, to })
  }

  /** Where the journal ends now, for `settle`. */
  get mark(): number {
    return this.#order
  }

  /** Makes the changes of `folder` durable, up to and with `mark`; nothing when it is durable already. */
  settle(folder: Folder, mark: number): void {
    const kept: Change[] = []
    const folders = touchedWith(
      folder,
      this.#journal.filter(change => change.order <= mark),
    )
    this.#journal.forEach(change => {
      if (change.order <= mark && folders.some(one => touches(change, one))) apply(change)
      else kept.push(change)
    })
    this.#journal = kept
  }

  /** The file system commits its journal by itself, up to some point. */
  writeBack(dice: Dice): void {
    for (const change of this.#journal.splice(0, dice.between(1, this.#journal.length))) apply(change)
  }

  get isDirty(): boolean {
    return this.#journal.length > 0
  }

  /** Every file that a name leads to now. */
  files(): Inode[] {
    return filesBelow(this.#root)
  }

  /** The names for another process of the same boot, with the files copied. */
  clone(): Names {
    return this.#copy(inode => inode.clone())
  }

  /** What is found after power was lost. */
  survivor(dice: Dice): Names {
    const names = this.#copy(inode => inode)
    const kept = dice.pick([0, 0.5, 0.9, 1])
    for (const change of names.#journal) if (kept === 1 || dice.chance(kept)) apply(change)
    return new Names(surviving(names.#root, dice))
  }

  #copy(copyFile: (inode: Inode) => Inode): Names {
    const copies = new Map<Node, Node>()
    const copyNode = (node: Node): Node => {
      const made = copies.get(node) ?? (node instanceof Folder ? copyFolder(node) : copyFile(node))
      copies.set(node, made)
      return made
    }
    const copyFolder = (folder: Folder): Folder => {
      const known = copies.get(folder)
      if (known instanceof Folder) return known
      const made = new Folder()
      copies.set(folder, made)
      for (const [name, child] of folder.live) made.live.set(name, copyNode(child))
      for (const [name, child] of folder.durable) made.durable.set(name, copyNode(child))
      return made
    }
    const copyPlace = ({ folder, name }: Place): Place => ({ folder: copyFolder(folder), name })
    const root = copyFolder(this.#root)
    const journal = this.#journal.map(({ order, node, from, to }) => ({
      order,
      node: copyNode(node),
      ...(from && { from: copyPlace(from) }),
      ...(to && { to: copyPlace(to) }),
    }))
    return new Names(root, journal)
  }
}

function surviving(folder: Folder, dice: Dice): Folder {
  const found = new Folder()
  for (const [name, node] of folder.durable) {
    const left = node instanceof Folder ? surviving(node, dice) : node.survivor(dice)
    found.live.set(name, left)
    found.durable.set(name, left)
  }
  return found
}

/** Other folders whose changes a rename into or out of `folder` takes with it. */
function touchedWith(folder: Folder, journal: readonly Change[]): Folder[] {
  const folders = [folder]
  for (const { from, to } of journal) {
    if (from === undefined || to === undefined || from.folder === to.folder) continue
    if (folders.includes(from.folder) && !folders.includes(to.folder)) folders.push(to.folder)
    else if (folders.includes(to.folder) && !folders.includes(from.folder)) folders.push(from.folder)
  }
  return folders
}

function touches(change: Change, folder: Folder): boolean {
  return change.from?.folder === folder || change.to?.folder === folder
}

function apply({ node, from, to }: Change): void {
  if (from !== undefined)
    for (const [name, one] of from.folder.durable) if (one === node) from.folder.durable.delete(name)
  if (to !== undefined) to.folder.durable.set(to.name, node)
}

function filesBelow(folder: Folder): Inode[] {
  return [...folder.live.values()].flatMap(node => (node instanceof Inode ? [node] : filesBelow(node)))
}
