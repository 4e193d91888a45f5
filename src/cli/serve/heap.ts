// The heap of a broker. Nearly all that it makes lives for one request, and what a request holds (its bytes) lies outside
// the heap and goes when the small object goes that names it. V8 lets the space for young objects grow up to 16 MiB;
// until it is full nothing is collected, and what is in it keeps many times as much memory alive. A small space is
// looked through more often, which costs little because hardly anything in it is alive.
//
// A running process cannot be given another size, only be kept from growing: the flag for the size has no effect by then.

import { setFlagsFromString } from 'node:v8'

const FLAG = '--semi-space-growth-factor=1'

/** To be called before the broker starts. Whoever chose a size for the process keeps it. */
export function keepHeapSmall(
  { NODE_OPTIONS = '' }: Readonly<Record<string, string | undefined>>,
  setFlags: (flags: string) => void = setFlagsFromString,
): void {
  const isChosen = [...process.execArgv, NODE_OPTIONS].some(option => /semi[-_]space/.test(option))
  if (!isChosen) setFlags(FLAG)
}
