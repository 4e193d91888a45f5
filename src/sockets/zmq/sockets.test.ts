// The contract over every stream transport.

import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { socketsContract } from './sockets.contract.ts'

let next = 0

socketsContract('tcp', () => 'tcp://127.0.0.1:*')
socketsContract('ipc', () => `ipc://${join(tmpdir(), `posthorn-${process.pid}-${next++}`)}`)
socketsContract('an abstract name', () => `ipc://@posthorn-${process.pid}-${next++}`)
socketsContract('inproc', () => `inproc://place-${next++}`)
socketsContract('ws', () => 'ws://127.0.0.1:*')
