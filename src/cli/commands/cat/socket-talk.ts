// What `cat` does with a socket that is connected: sends the records of standard input, gives what arrives, or both, as
// the pattern has it. What was received comes out of one generator, so that it can be printed like records of a topic.

import type { CatSocket, SocketPart } from './socket.ts'

export type SocketMessage = readonly Buffer[]

export interface Talk {
  readonly socket: CatSocket
  readonly part: SocketPart
  /** Of `both`: one of the halves may be left out. */
  readonly halves: 'send' | 'receive' | 'both'
  /** What is sent, one message each; undefined: an answer is the question. */
  readonly messages: AsyncIterable<SocketMessage> | undefined
  /** Ends after so many that were received. */
  readonly count: number
  readonly onSent: () => void
  /** No more of `messages` is wanted. */
  readonly stop: () => void
}

/** Errors: those of the socket. */
export async function* talk(task: Talk): AsyncGenerator<readonly SocketMessage[]> {
  let left = task.count
  if (left <= 0) return
  for await (const batch of exchanged(task)) {
    const some = batch.slice(0, left)
    left -= some.length
    yield some
    if (left === 0) return
  }
}

function exchanged(task: Talk): AsyncIterable<readonly SocketMessage[]> {
  switch (task.part) {
    case 'sends':
      return sendAll(task)
    case 'receives':
      return receiveAll(task)
    case 'asks':
      return ask(task)
    case 'answers':
      return answer(task)
    case 'both':
      return task.halves === 'send'
        ? sendAll(task)
        : task.halves === 'receive'
          ? receiveAll(task)
          : both(task)
  }
}

// biome-ignore lint/correctness/useYield: nothing comes back
async function* sendAll({ socket, messages, onSent }: Talk): AsyncGenerator<readonly SocketMessage[]> {
  if (messages === undefined) return
  await socket.awaitPeer?.()
  for await (const parts of messages) {
    await socket.send(parts)
    onSent()
  }
}

async function* receiveAll({ socket }: Talk): AsyncGenerator<readonly SocketMessage[]> {
  for (let batch = await socket.receive(); batch !== undefined; batch = await socket.receive()) yield batch
}

/** One question after the other; a survey has many answers. */
async function* ask(task: Talk): AsyncGenerator<readonly SocketMessage[]> {
  const { socket, messages, onSent } = task
  if (messages === undefined) return
  await socket.awaitPeer?.()
  for await (const parts of messages) {
    await socket.send(parts)
    onSent()
    if (socket.hasManyAnswers === true) yield* receiveAll(task)
    else {
      const reply = await socket.receive()
      if (reply === undefined) return
      yield reply
    }
  }
}

/** Answers with the next message of ours, until there is none, or with the question itself. */
async function* answer({ socket, messages, onSent }: Talk): AsyncGenerator<readonly SocketMessage[]> {
  const answers = messages?.[Symbol.asyncIterator]()
  for (let asked = await socket.receive(); asked !== undefined; asked = await socket.receive()) {
    const [question = []] = asked
    const next = answers === undefined ? { done: false, value: question } : await answers.next()
    if (next.done !== true) {
      await socket.send(next.value)
      onSent()
    }
    yield asked
    if (next.done === true) return
  }
}

/** Sends while it receives; a failure to send ends both, and so does the last message that was wanted. */
async function* both(task: Talk): AsyncGenerator<readonly SocketMessage[]> {
  let failed: { readonly reason: unknown } | undefined
  void (async () => {
    for await (const _ of sendAll(task));
  })().catch((reason: unknown) => {
    failed = { reason }
    task.socket.abort()
  })
  try {
    yield* receiveAll(task)
  } finally {
    task.stop()
  }
  if (failed !== undefined) throw failed.reason
}
