// A promise and the means to settle it (Node 20 has no Promise.withResolvers).

export interface Deferred<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(reason: unknown): void
}

export function deferred<T = void>(): Deferred<T> {
  const promise = new Promise<T>(keep)
  const made: Deferred<T> = { promise, resolve: keptResolve, reject: keptReject }
  keptResolve = nothing
  keptReject = nothing
  return made
}

// One executor for all, which runs before `new Promise` returns: closures for each would cost as much as the promise.

const nothing = (): void => {}
let keptResolve: (value: never) => void = nothing
let keptReject: (reason: unknown) => void = nothing

function keep(resolve: (value: never) => void, reject: (reason: unknown) => void): void {
  keptResolve = resolve
  keptReject = reject
}
