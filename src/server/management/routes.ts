// Every route of the management API, in the order of the OpenAPI document.

import { bindingRoutes } from './resources/bindings.ts'
import { connectionRoutes } from './resources/connections.ts'
import { consumerRoutes } from './resources/consumers.ts'
import { definitionRoutes } from './resources/definitions.ts'
import { exchangeRoutes } from './resources/exchanges.ts'
import { healthRoutes } from './resources/health.ts'
import { openApiRoute } from './resources/openapi.ts'
import { overviewRoutes } from './resources/overview.ts'
import { parameterRoutes } from './resources/parameters.ts'
import { permissionRoutes } from './resources/permissions.ts'
import { policyRoutes } from './resources/policies.ts'
import { queueGetRoutes } from './resources/queue-get.ts'
import { queueRoutes } from './resources/queues.ts'
import { userRoutes } from './resources/users.ts'
import { vhostRoutes } from './resources/vhosts.ts'
import type { Route } from './route.ts'

export const routes: readonly Route[] = [
  ...overviewRoutes,
  ...healthRoutes,
  ...vhostRoutes,
  ...queueRoutes,
  ...queueGetRoutes,
  ...exchangeRoutes,
  ...bindingRoutes,
  ...connectionRoutes,
  ...consumerRoutes,
  ...userRoutes,
  ...permissionRoutes,
  ...policyRoutes,
  ...parameterRoutes,
  ...definitionRoutes,
  openApiRoute(() => routes),
]
