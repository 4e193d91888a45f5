// The pages of the server's HTTP listener: health and metrics. Loaded only when it is wanted.

import { type HttpRequest, type HttpResponse, listenHttp } from '../transport/index.ts'
import type { Reporter } from '../world/index.ts'
import { livez, readyz, type Served, textType } from './health.ts'
import { brokerFamilies } from './metrics/broker.ts'
import { exposition, metricsType } from './metrics/exposition.ts'
import { perObjectFamilies } from './metrics/per-object.ts'
import { ProcessMetrics } from './metrics/process.ts'
import type { HttpFace } from './running.ts'

export interface OpenHttp {
  readonly face: HttpFace
  close(): Promise<void>
}

type Page = (request: HttpRequest) => HttpResponse

/** Listens. Errors: Node's own (EADDRINUSE, ...). */
export async function openHttp(
  { host, port }: { readonly host: string; readonly port: number },
  served: Served,
  report: Reporter,
): Promise<OpenHttp> {
  const processMetrics = new ProcessMetrics()
  const pages = pagesOf(served, processMetrics)
  const onFault = (error: unknown, path: string) =>
    report.error('an HTTP page met an unexpected error', { path, error: String(error) })
  const answer = (request: HttpRequest) => pages.get(request.path)?.(request) ?? notFound(pages)
  try {
    const listener = await listenHttp({ host, port, onFault }, answer)
    const shown = host.includes(':') ? `[${host}]` : host
    return {
      face: { host, port: listener.port, url: `http://${shown}:${listener.port}` },
      close: () => {
        processMetrics.close()
        return listener.close()
      },
    }
  } catch (error) {
    processMetrics.close()
    throw error
  }
}

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

function notFound(pages: ReadonlyMap<string, Page>): HttpResponse {
  return { status: 404, type: textType, body: `there are ${[...pages.keys()].join(', ')}\n` }
}
