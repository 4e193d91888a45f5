// Posthorn's ONC RPC: both ends of the program in c/echo.x.
//
//   node onc.mjs serve tcp|udp          prints its port
//   node onc.mjs call tcp|udp PORT

import { load } from './built.ts'
import { drive, say } from './drive.ts'

const { connectOnc, program, serveOnc, service, xdr } = await load()
const [role = '', scheme = '', port = ''] = process.argv.slice(2)

const echo = program({
  name: 'ECHO_V1',
  program: 0x2000_4242,
  version: 1,
  procedures: { ECHO: { number: 1, argument: xdr.varOpaque(), result: xdr.varOpaque() } },
})

if (role === 'serve') {
  const server = await serveOnc(`${scheme}://127.0.0.1:*`, [service(echo, { ECHO: payload => payload })])
  say(server.address.slice(server.address.lastIndexOf(':') + 1))
} else {
  const connection = await connectOnc(`${scheme}://127.0.0.1:${port}`)
  const client = connection.client(echo)
  await drive(payload => client.ECHO(payload))
  await connection.close()
}
