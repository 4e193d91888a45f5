// Consumers of AMQP clients, by virtual host.

import { ok, type Shape } from '../answer.ts'
import { listed } from '../listing.ts'
import { type Call, get, type Route } from '../route.ts'
import { channelsOf, seen } from './channel-places.ts'
import { consumersOfChannel } from './consumer-shape.ts'

export const consumerRoutes: readonly Route[] = [
  get('/api/consumers', {
    summary: 'Consumers of AMQP clients',
    isList: true,
    handle: call => ok(listed({ items: all(call), shape: one => one }, call.query)),
  }),
  get('/api/consumers/{vhost}', {
    summary: 'Consumers of a virtual host',
    isList: true,
    handle: call => {
      const vhost = call.at('vhost')
      call.caller.checkSees(vhost)
      const places = channelsOf(seen(call)).filter(({ connection }) => connection.vhost === vhost)
      const items = places.flatMap(place => consumersOfChannel(call, place))
      return ok(listed({ items, shape: one => one }, call.query))
    },
  }),
]

function all(call: Call): Shape[] {
  return channelsOf(seen(call)).flatMap(place => consumersOfChannel(call, place))
}
