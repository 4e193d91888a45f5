// The server's HTTP listeners: pages of health and metrics on one, the management API on either. Loaded only when one of
// them is wanted; the API itself with its first request.

import {
  type HttpRequest,
  type HttpResponse,
  listenHttp,
  readOnly,
  type TlsServerOptions,
} from '../transport/index.ts'
import type { Reporter } from '../world/index.ts'
import { livez, readyz, type Served, textType } from './health.ts'
import type { Management } from './management/index.ts'
import { API_PREFIX, accepted, isApi } from './management/paths.ts'
import { brokerFamilies } from './metrics/broker.ts'
import { exposition, metricsType } from './metrics/exposition.ts'
import { perObjectFamilies } from './metrics/per-object.ts'
import { ProcessMetrics } from './metrics/process.ts'
import type { HttpFace } from './running.ts'

export interface OpenHttp {
  readonly face: HttpFace
  close(): Promise<void>
}

/** An HTTP listener of the plan. */
export interface HttpPlan {
  readonly host: string
  readonly port: number
  readonly tls?: TlsServerOptions
  /** Serves health and metrics. */
  readonly pages: boolean
  /** Serves the management API. */
  readonly api: boolean
}

export interface HttpParts {
  readonly served: Served
  readonly report: Reporter
  /** The one API of all listeners, made when it is first asked for. */
  readonly management: () => Promise<Management>
}

type Page = (request: HttpRequest) => HttpResponse

/** Listens. Errors: Node's own (EADDRINUSE, ...). */
export async function openHttp(
  { host, port, tls, pages: hasPages, api }: HttpPlan,
  { served, report, management }: HttpParts,
): Promise<OpenHttp> {
  const processMetrics = hasPages ? new ProcessMetrics() : undefined
  const pages = processMetrics === undefined ? noPages : pagesOf(served, processMetrics)
  const names = [...pages.keys(), ...(api ? [API_PREFIX] : [])]
  const onFault = (error: unknown, path: string) =>
    report.error('an HTTP page met an unexpected error', { path, error: String(error) })
  const answer = async (request: HttpRequest) => {
    if (api && isApi(request.path)) return (await management()).answer(request)
    return pages.get(request.path)?.(request) ?? notFound(names)
  }
  const accepts = api ? accepted : () => readOnly
  try {
    const listener = await listenHttp({ host, port, accepts, onFault, ...(tls && { tls }) }, answer)
    const shown = host.includes(':') ? `[${host}]` : host
    const url = `${tls ? 'https' : 'http'}://${shown}:${listener.port}`
    return {
      face: { host, port: listener.port, url },
      close: () => {
        processMetrics?.close()
        return listener.close()
      },
    }
  } catch (error) {
    processMetrics?.close()
    throw error
  }
}

const noPages: ReadonlyMap<string, Page> = new Map()

function pagesOf(served: Served, processMetrics: ProcessMetrics): ReadonlyMap<string, Page> {
  const verbose = ({ query }: HttpRequest) => query.has('verbose')
  return new Map<string, Page>([
    ['/livez', () => livez()],
    ['/readyz', request => readyz(served, verbose(request))],
    ['/metrics', () => metrics([...brokerFamilies(served), ...processMetrics.families()])],
    ['/metrics/per-object', () => metrics(perObjectFamilies(served))],
  ])
}

function metrics(families: Parameters<typeof exposition>[0]): HttpResponse {
  return { status: 200, type: metricsType, body: exposition(families) }
}

function notFound(names: readonly string[]): HttpResponse {
  return { status: 404, type: textType, body: `there are ${names.join(', ')}\n` }
}
