// Lays out code in lines of at most 110 columns, as the formatters of the Prettier family do (after Wadler, "A prettier
// printer"): a group stands in one line when it fits, and otherwise breaks at all its breaks. So what is emitted passes a
// formatter without one being there.

/** A document: text, a sequence, or what depends on whether it fits. */
export type Doc =
  | string
  | readonly Doc[]
  /** In one line when it fits, broken otherwise. */
  | { readonly kind: 'group'; readonly of: Doc }
  /** Two columns further to the right behind each break. */
  | { readonly kind: 'indent'; readonly of: Doc }
  /** A break, or in one line `flat`. */
  | { readonly kind: 'break'; readonly flat: string }
  /** A break in any case, which breaks all groups around it. */
  | { readonly kind: 'newline' }
  /** Text that is there only when the group around it is broken. */
  | { readonly kind: 'whenBroken'; readonly text: string }
  /** Text that is there only when the group around it stands in one line. */
  | { readonly kind: 'whenFlat'; readonly text: string }
  | Hug
  /** The value behind an equals sign, on a line of its own when it does not fit. */
  | { readonly kind: 'assign'; readonly value: Doc }
  /** Items with breaks between them, each of which breaks only when the next item does not fit. */
  | { readonly kind: 'fill'; readonly of: readonly Doc[] }

/** A call whose last argument, an object or array, is opened in place where the others leave room for its bracket. */
interface Hug {
  readonly kind: 'hug'
  /** The function, and the parenthesis. */
  readonly open: string
  readonly args: readonly Doc[]
  readonly last: Doc
}

const WIDTH = 110
const INDENT = 2

export const newline: Doc = { kind: 'newline' }
/** A break that is a space in one line. */
export const line: Doc = { kind: 'break', flat: ' ' }
/** A break that is nothing in one line. */
export const softline: Doc = { kind: 'break', flat: '' }

export function group(...of: readonly Doc[]): Doc {
  return { kind: 'group', of }
}
export function indent(...of: readonly Doc[]): Doc {
  return { kind: 'indent', of }
}
export function whenBroken(text: string): Doc {
  return { kind: 'whenBroken', text }
}
/** What follows `name =`. */
export function assign(value: Doc): Doc {
  return { kind: 'assign', value }
}
export function join(between: Doc, docs: readonly Doc[]): Doc[] {
  return docs.flatMap((doc, n) => (n === 0 ? [doc] : [between, doc]))
}

/** The document as text. */
export function layOut(doc: Doc): string {
  const printer = new Printer()
  printer.print(doc, 0, false)
  return printer.text
}

class Printer {
  readonly #lines: string[] = []
  #line = ''

  get text(): string {
    return [...this.#lines, this.#line].join('\n')
  }

  /** `tail` columns are needed behind the document, by what cannot be broken from it. */
  print(doc: Doc, margin: number, isFlat: boolean, tail = 0): void {
    if (typeof doc === 'string') this.#put(doc)
    else if (isSequence(doc)) this.#sequence(doc, margin, isFlat, tail)
    else if (doc.kind === 'group') this.print(doc.of, margin, isFlat || this.#fits(doc.of, tail), tail)
    else if (doc.kind === 'indent') this.print(doc.of, margin + INDENT, isFlat, tail)
    else if (doc.kind === 'fill') this.#fill(doc.of, margin, isFlat)
    else if (doc.kind === 'whenBroken') this.#put(isFlat ? '' : doc.text)
    else if (doc.kind === 'whenFlat') this.#put(isFlat ? doc.text : '')
    else if (doc.kind === 'hug') this.#hug(doc, margin, isFlat, tail)
    else if (doc.kind === 'assign') this.#assign(doc.value, margin, tail)
    else if (doc.kind === 'break' && isFlat) this.#put(doc.flat)
    else this.#break(margin)
  }

  #sequence(docs: readonly Doc[], margin: number, isFlat: boolean, tail: number): void {
    for (const [n, one] of docs.entries()) {
      const behind = lead(docs.slice(n + 1))
      this.print(one, margin, isFlat, behind.isOpen ? behind.length + tail : behind.length)
    }
  }

  #fill(items: readonly Doc[], margin: number, isFlat: boolean): void {
    for (const [n, item] of items.entries()) {
      if (n > 0) {
        if (isFlat || this.#fits([' ', item], 0)) this.#put(' ')
        else this.#break(margin)
      }
      this.print(item, margin, isFlat)
    }
  }

  /** Behind the equals sign when the value fits there, or can begin there; else on a line of its own. */
  #assign(value: Doc, margin: number, tail: number): void {
    const whole = flatLength(value) + tail
    const isBehind =
      1 + whole <= WIDTH - this.#line.length || this.#canBegin(value, whole > WIDTH - margin - INDENT)
    if (isBehind) this.#put(' ')
    else this.#break(margin + INDENT)
    this.print(value, isBehind ? margin : margin + INDENT, false, tail)
  }

  #canBegin(value: Doc, isTooLong: boolean): boolean {
    const isHug = typeof value !== 'string' && !isSequence(value) && value.kind === 'hug'
    return isHug ? 1 + value.open.length <= WIDTH - this.#line.length : isTooLong
  }

  #hug({ open, args, last }: Hug, margin: number, isFlat: boolean, tail: number) {
    const before = args.flatMap(one => [one, ', '])
    const hugged = [open, before, last, ')']
    if (isFlat || this.#fits(hugged, tail)) return this.print(hugged, margin, true)
    if (lead(hugged).length <= WIDTH - this.#line.length) return this.print(hugged, margin, false, tail)
    const opened = [...args, last].map(one => [newline, one, ','])
    return this.print([open, indent(opened), newline, ')'], margin, false, tail)
  }

  #put(text: string): void {
    this.#line += text
  }

  #break(margin: number): void {
    this.#lines.push(this.#line.trimEnd())
    this.#line = ' '.repeat(margin)
  }

  #fits(doc: Doc, tail: number): boolean {
    return flatLength(doc) + tail <= WIDTH - this.#line.length
  }
}

/** Columns up to the first place where a line can end; `isOpen` when there is none. */
function lead(docs: readonly Doc[]): { readonly length: number; readonly isOpen: boolean } {
  let length = 0
  for (const doc of docs) {
    if (typeof doc === 'string') length += doc.length
    else if (!isSequence(doc) && doc.kind === 'hug')
      return { length: length + doc.open.length, isOpen: false }
    else if (isSequence(doc) || 'of' in doc) {
      const inner = lead(isSequence(doc) ? doc : [doc.of as Doc])
      length += inner.length
      if (!inner.isOpen) return { length, isOpen: false }
    } else if (doc.kind !== 'whenBroken' && doc.kind !== 'whenFlat') return { length, isOpen: false }
  }
  return { length, isOpen: true }
}

function isSequence(doc: Doc): doc is readonly Doc[] {
  return Array.isArray(doc)
}

/** The length in one line; infinite when it must break. */
function flatLength(doc: Doc): number {
  if (typeof doc === 'string') return doc.length
  if (isSequence(doc)) return doc.reduce<number>((sum, one) => sum + flatLength(one), 0)
  switch (doc.kind) {
    case 'newline':
      return Number.POSITIVE_INFINITY
    case 'break':
      return doc.flat.length
    case 'whenBroken':
      return 0
    case 'whenFlat':
      return doc.text.length
    case 'hug':
      return flatLength([doc.open, ...doc.args, doc.last]) + doc.args.length * 2 + 1
    case 'assign':
      return 1 + flatLength(doc.value)
    case 'fill':
      return doc.of.reduce<number>((sum, one) => sum + flatLength(one) + 1, -1)
    default:
      return flatLength(doc.of)
  }
}
