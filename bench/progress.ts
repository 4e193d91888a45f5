// Progress goes to stderr, results to stdout.

/** Says what is being done now. */
export function note(text: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`)
}
