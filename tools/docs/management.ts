// The routes of the management API, as a table and as an OpenAPI document.

import { openApi, routes } from '../../src/server/management/index.ts'
import { code, table } from './table.ts'

export function routeTable(): string {
  return table(
    ['method', 'path', 'who', 'what it does'],
    routes.map(({ method, path, who, summary }) => [method, code(path), who, summary]),
  )
}

export function openApiText(): string {
  return `${JSON.stringify(openApi(routes), null, 2)}\n`
}
