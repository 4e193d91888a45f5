// What a server answered: the result, or an error that says in the words of the protocol why there is none.

import { mountstat3 } from '../mount.js'
import { nfsstat3 } from '../nfs.js'

/** A server said no. */
export class NfsRefusal extends Error {
  override readonly name = 'NfsRefusal'
  /** Such as `NFS3ERR_NOENT`. */
  readonly code: string

  constructor(code: string, what: string) {
    super(`${what}: ${code}`)
    this.code = code
  }
}

type Answer<R> =
  | { readonly status: typeof nfsstat3.NFS3_OK; readonly resok: R }
  | { readonly status: nfsstat3 }

/** The result. Errors: NfsRefusal; `what` says what was asked for. */
export function resultOf<R>(answer: Answer<R>, what: string): R {
  if ('resok' in answer) return answer.resok
  throw new NfsRefusal(nameOf(nfsstat3, answer.status), what)
}

/** Errors: NfsRefusal. */
export function mountRefusal(status: mountstat3, what: string): NfsRefusal {
  return new NfsRefusal(nameOf(mountstat3, status), what)
}

function nameOf(names: Readonly<Record<string, number>>, status: number): string {
  return Object.entries(names).find(([, number]) => number === status)?.[0] ?? String(status)
}
