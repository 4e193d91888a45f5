// The end of a turn of the event loop. First goes out what the turn has said so far; then what was gathered in it is done at
// once, as a group; and what is said of that, in promises that follow from it, goes out, too. With an immediate for each, the
// answers to a group would leave one turn later than they could.

type Callback = () => void

let gathered: Callback[] = []
let said: Callback[] = []
/** The end of this turn is on its way, or not over. */
let isDue = false

/** Resolves when all that arrived in this turn has been handed on. */
export function endOfTurn(): Promise<void> {
  return new Promise(resolve => {
    gathered.push(resolve)
    ensureEnd()
  })
}

/** Runs the callback, which must not throw, when the turn ends, or behind what `endOfTurn` leads to where that asks for it. */
export function afterTurn(callback: () => void): void {
  said.push(callback)
  ensureEnd()
}

function ensureEnd(): void {
  if (isDue) return
  isDue = true
  setImmediate(end)
}

function end(): void {
  try {
    sayAll()
  } finally {
    if (gathered.length === 0) over()
    else doGathered()
  }
}

function doGathered(): void {
  const now = gathered
  gathered = []
  for (const resolve of now) resolve()
  // A tick that a promise asks for comes when no promise has anything left to do.
  queueMicrotask(() => process.nextTick(endOfGroup))
}

function endOfGroup(): void {
  try {
    sayAll()
  } finally {
    over()
  }
}

function over(): void {
  isDue = false
  if (gathered.length + said.length > 0) ensureEnd()
}

/** What is left when one throws is said at the end of the next turn. */
function sayAll(): void {
  const now = said
  said = []
  let at = 0
  try {
    for (const callback of now) {
      at++
      callback()
    }
  } finally {
    if (at < now.length) said = [...now.slice(at), ...said]
  }
}
