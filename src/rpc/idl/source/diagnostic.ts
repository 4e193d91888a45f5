// What the compiler says about a source: where, what, and a caret under it. Problems are gathered, so that one run shows
// several; the first error does not end it.

import { DIAGNOSTICS_MAX } from '../limits.ts'
import { type Place, positionOf } from './source.ts'

/** Errors keep the compiler from writing; warnings and notes do not. */
export type Severity = 'error' | 'warning' | 'note'

export interface Diagnostic {
  readonly severity: Severity
  readonly message: string
  readonly place: Place
  /** A second place that explains: the first of two declarations. */
  readonly see?: { readonly message: string; readonly place: Place }
}

/** A mistake after which the construct at hand cannot go on; it has been reported. */
export class Abandoned extends Error {}

/** Gathers diagnostics. Beyond a number of errors it only counts, and whoever is at work should end. */
export class Diagnostics {
  readonly list: Diagnostic[] = []
  errors = 0

  get isFull(): boolean {
    return this.errors >= DIAGNOSTICS_MAX
  }

  error(place: Place, message: string, see?: Diagnostic['see']): void {
    if (++this.errors > DIAGNOSTICS_MAX) return
    this.list.push({ severity: 'error', message, place, ...(see && { see }) })
  }

  warning(place: Place, message: string): void {
    this.list.push({ severity: 'warning', message, place })
  }

  note(place: Place, message: string): void {
    this.list.push({ severity: 'note', message, place })
  }

  /** Reports an error and gives up the construct. */
  abandon(place: Place, message: string): never {
    this.error(place, message)
    throw new Abandoned(message)
  }
}

/** `file:line:column: error: message`, the line, and a caret under the place, as C compilers print it. */
export function renderDiagnostic({ severity, message, place, see }: Diagnostic): string {
  const first = renderPlace(place, `${severity}: ${message}`)
  return see === undefined ? first : `${first}\n${renderPlace(see.place, `note: ${see.message}`)}`
}

function renderPlace(place: Place, message: string): string {
  const { line, column, text } = positionOf(place)
  // Tabs stay tabs, so that the caret stands right whatever their width.
  const margin = text.slice(0, column - 1).replace(/[^\t]/g, ' ')
  const width = Math.max(1, Math.min(place.length, text.length - column + 1))
  const mark = `^${'~'.repeat(width - 1)}`
  return `${place.source.name}:${line}:${column}: ${message}\n  ${text}\n  ${margin}${mark}`
}
