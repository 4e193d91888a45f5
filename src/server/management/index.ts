// The door of the management API; loaded with its first request.

export { Management, type ManagementOptions } from './api.ts'
export { managementLimits } from './limits.ts'
export type { ListenerFacts } from './node.ts'
export { openApi } from './openapi.ts'
export { routes } from './routes.ts'
