// Names the field that a decoding error happened in; only the walked form pays for it.

import { WireError } from '../errors.ts'

/** Runs `step`; a WireError from it gets `name` in front of its path. */
export function named<T>(name: string, step: () => T): T {
  try {
    return step()
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    const path =
      error.path === '' ? name : error.path.startsWith('[') ? `${name}${error.path}` : `${name}.${error.path}`
    const message = error.message
      .slice(error.path === '' ? 0 : error.path.length + 2)
      .replace(/, at byte \d+$/, '')
    throw new WireError(error.code, error.offset, message, path)
  }
}
