// Names under which RabbitMQ keeps operators' policies, and limits of virtual hosts, among its parameters: so they stand in
// definitions.

export const OPERATOR_POLICY = 'operator_policy'
export const VHOST_LIMITS = 'vhost-limits'
/** The one parameter of the component VHOST_LIMITS. */
export const LIMITS = 'limits'
