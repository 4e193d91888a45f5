// A way to a server, as those that only call see it.

import type { ClientOf, Program } from '../program.ts'

export interface OncConnection extends AsyncDisposable {
  /** A function for each procedure of the program. */
  client<G extends Program>(program: G): ClientOf<G>
  /** Ends the connection; calls that wait fail with RPC_CLOSED. Idempotent. */
  close(): Promise<void>
}
