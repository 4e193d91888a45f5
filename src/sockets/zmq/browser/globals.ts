// Globals of Node that the room uses, given to its modules in the bundle. `Buffer` is that of the package `buffer`, which the
// bundle holds.

/** Turns of the event loop: between two of these the browser has handed over what has arrived. */
const { port1, port2 } = new MessageChannel()
const waiting: (() => void)[] = []
// A port of Node has no such property, and it is Node's types that the project has.
Object.assign(port1, { onmessage: () => waiting.shift()?.() })

export function setImmediate(run: () => void): void {
  waiting.push(run)
  port2.postMessage(0)
}

export const process = {
  platform: 'browser',
  nextTick: <T>(run: (argument: T) => void, argument: T): void => queueMicrotask(() => run(argument)),
  emitWarning: (text: string): void => console.warn(text),
} as const
