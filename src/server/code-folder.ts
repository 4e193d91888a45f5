// Where the code of this package lies, for its files that are not code and for programs of its own: src/ or dist/. A build
// joins modules into a few files, so a module does not find them from its own place.

/** The URL of src/ or dist/, with the slash. */
const folder = /^.*\/(?:src|dist)\//.exec(import.meta.url)?.[0] ?? new URL('.', import.meta.url).href

/** Whether this runs from the sources. */
export const isSource = folder.endsWith('/src/')

/** A file by its path from src/ or dist/. */
export function inCode(path: string): URL {
  return new URL(path, folder)
}
