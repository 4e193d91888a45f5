// The two sides of a name: a server keeps its binding alive, a client follows where the servers are.

import { systemWorld, type Timer, type World } from '../../world/index.ts'
import type { AddressSource } from '../engine/connect.ts'
import type { Remote } from '../engine/types.ts'
import type { NameLease, Registry } from './registry.ts'

export interface RegisterNameOptions {
  /** Nobody else may have the name. */
  readonly isExclusive?: boolean
  readonly world?: World
  /** The registry could not be reached for a renewal; it is tried again. */
  readonly onFault?: (title: string, error: unknown) => void
}

/** A binding that is kept alive. */
export interface NameRegistration extends AsyncDisposable {
  /** Gives the name back. Idempotent. */
  close(): Promise<void>
}

/**
 * Binds an address to a name and renews the lease at a third of it until it is closed; after the registry was started anew it
 * binds anew. Errors: as `Registry.bind`, for the first time.
 */
export async function registerName(
  registry: Remote<Registry>,
  name: string,
  address: string,
  options: RegisterNameOptions = {},
): Promise<NameRegistration> {
  const { isExclusive = false, world = systemWorld, onFault } = options
  const bind = (): Promise<NameLease> => registry.bind(name, address, isExclusive)
  let lease = await bind()
  let timer: Timer | undefined
  let isClosed = false
  const renew = async (): Promise<void> => {
    try {
      lease = await registry.renew(lease.token).catch(bind)
    } catch (error) {
      onFault?.(`renewal of ${name}`, error)
    }
    if (!isClosed) wait()
  }
  const wait = (): void => {
    timer = world.after(lease.leaseMs / 3, () => void renew())
  }
  const close = async (): Promise<void> => {
    if (isClosed) return
    isClosed = true
    timer?.cancel()
    await registry.unbind(lease.token)
  }
  wait()
  return { close, [Symbol.asyncDispose]: close }
}

export interface NamedOptions {
  readonly world?: World
  /** The registry was lost; it is asked again after a while. */
  readonly onFault?: (title: string, error: unknown) => void
}

/** Where the servers of a name are, for `connect`: it follows them as they come and go. */
export function named(registry: Remote<Registry>, name: string, options: NamedOptions = {}): AddressSource {
  return { addresses: signal => follow(registry, name, options, signal) }
}

/** Ms until a registry that was lost is asked again. */
const AGAIN_MS = 1000

/** Who has addresses does not need the registry: when it is gone, the last ones stay. */
async function* follow(
  registry: Remote<Registry>,
  name: string,
  { world = systemWorld, onFault }: NamedOptions,
  signal: AbortSignal,
): AsyncGenerator<readonly string[]> {
  yield await registry.lookUp(name)
  let watching: AsyncIterator<readonly string[]> | undefined
  signal.addEventListener('abort', () => void watching?.return?.(), { once: true })
  while (!signal.aborted) {
    try {
      watching = (await registry.watch(name))[Symbol.asyncIterator]()
      for (let { done, value } = await watching.next(); !done; { done, value } = await watching.next())
        if (value.length > 0) yield value
    } catch (error) {
      if (!signal.aborted) onFault?.(`watch of ${name}`, error)
    }
    await pause(world, AGAIN_MS, signal)
  }
}

function pause(world: World, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) return resolve()
    const timer = world.after(ms, resolve)
    signal.addEventListener(
      'abort',
      () => {
        timer.cancel()
        resolve()
      },
      { once: true },
    )
  })
}
