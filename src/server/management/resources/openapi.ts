// The OpenAPI document of the API, from the API.

import { ok } from '../answer.ts'
import { openApi } from '../openapi.ts'
import { get, type Route } from '../route.ts'

/** `routes` gives the table that this route stands in. */
export function openApiRoute(routes: () => readonly Route[]): Route {
  return get('/api/openapi.json', {
    who: 'anybody',
    summary: 'This document',
    handle: () => ok(openApi(routes())),
  })
}
