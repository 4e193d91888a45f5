// The context of a protocol that keeps nothing for it.

import type { Waiters } from '../../../flow/index.ts'
import type { Lane } from '../pattern.ts'

export type Idle = Lane

/** All contexts of the socket wait for the same messages. */
export function idle({ arrivals }: { readonly arrivals: Waiters }): Idle {
  return { arrivals, generation: 0 }
}
