// A binding as RabbitMQ's JSON has it, and the bindings of one end.

import type { Broker } from '../../../broker/index.ts'
import type { Binding } from '../../../broker/routing/binding.ts'
import { defaultBinding } from '../../../broker/routing/exchanges.ts'
import type { Shape } from '../answer.ts'
import { fieldsJson } from '../field-json.ts'

export function bindingShape(binding: Binding): Shape {
  const { source, vhost, destination, kind, key, propertiesKey } = binding
  return {
    source,
    vhost,
    destination,
    destination_type: kind,
    routing_key: key,
    arguments: fieldsJson(binding.arguments),
    properties_key: propertiesKey,
  }
}

/** Bindings with those that every queue has from the default exchange. */
export const bindingsOf = {
  vhost(broker: Broker, vhost: string): Binding[] {
    return [...defaults(broker, vhost), ...broker.exchanges.bindings(vhost)]
  },
  queue(broker: Broker, vhost: string, queue: string): Binding[] {
    return [defaultBinding(vhost, queue), ...broker.exchanges.bindingsToQueue(vhost, queue)]
  },
  source(broker: Broker, vhost: string, exchange: string): Binding[] {
    return exchange === '' ? defaults(broker, vhost) : [...broker.exchanges.bindingsFrom(vhost, exchange)]
  },
  destination(broker: Broker, vhost: string, exchange: string): Binding[] {
    return [...broker.exchanges.bindingsToExchange(vhost, exchange)]
  },
}

function defaults(broker: Broker, vhost: string): Binding[] {
  return [...broker.queues.list(vhost)].map(({ name }) => defaultBinding(vhost, name))
}
