// Ending several things one after the other, in the other order than they were begun, all of them even when one fails:
// for a start that broke off half way, and for close().

export type Close = () => Promise<void> | void

export class Closing {
  readonly #steps: Close[] = []

  add(step: Close): void {
    this.#steps.push(step)
  }

  /** Runs the steps from the last to the first. Rejects with the first error, after all have run. */
  async run(): Promise<void> {
    const errors: unknown[] = []
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step()
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw errors[0]
  }
}
