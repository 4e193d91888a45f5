// The textbook's example, newlist = append(data, dbList), as ten steps on a real connection: `inout` sends the list along, and
// what the server did to its copy is done to ours. Prints the steps, then both lists, which are one:
//
//   npx tsx examples/rpc/append.ts
//
// `npx posthorn rpc trace` shows the same with times and with every byte.

import { connect, inout, type ServeInterceptor, serve } from 'posthorn/rpc'

const kinds = ['', 'HELLO', 'CALL', 'RESULT', 'FAULT']
const say = (step: number, text: string): void => console.log(`${String(step).padStart(2)}  ${text}`)

const database = {
  append(data: string, dbList: string[]): string[] {
    dbList.push(data)
    return dbList
  },
}

const aroundMethod: ServeInterceptor = (call, args, next) => {
  say(5, `server stub unpacked ${JSON.stringify(args)}, and calls ${call.method}`)
  const result = next(args)
  say(6, `server gives the stub ${JSON.stringify(result)}`)
  return result
}

await using server = await serve(database, 'tcp://127.0.0.1:*', {
  intercept: [aroundMethod],
  onFrame: event => {
    if (event.at === 'received' && event.frame[0] === 2) {
      say(3, "client's OS sent it to the server's OS, which is seen here:")
      say(4, `server's OS gives the server stub a ${kinds[event.frame[0]]} of ${event.frame.length} bytes`)
    }
    if (event.at === 'packed' && event.kind === 3)
      say(7, `server stub packs a ${kinds[event.kind]} of ${event.bytes} bytes, and calls its OS`)
  },
})
await using db = await connect<typeof database>(server.address, {
  onFrame: event => {
    if (event.at === 'packed' && event.kind === 2)
      say(2, `client stub packs a ${kinds[event.kind]} of ${event.bytes} bytes, and calls its OS`)
    if (event.at === 'received' && event.frame[0] === 3) {
      say(8, "server's OS sent it to the client's OS, which is seen here:")
      say(9, `client's OS gives the client stub a ${kinds[event.frame[0]]} of ${event.frame.length} bytes`)
    }
  },
})

const dbList = ['tea']
say(1, "client calls the stub: append('milk', inout(dbList))")
const newlist = await db.append('milk', inout(dbList))
say(10, `client stub returns ${JSON.stringify(newlist)}`)
console.log(`dbList is ${JSON.stringify(dbList)}; newlist is dbList: ${newlist === dbList}`)
