// Counts of the Kafka head since it was opened: requests by API, connections, logins, and what was written and read.

export interface ApiCounts {
  requests: number
  seconds: number
}

export class RequestMetrics {
  loginsFailed = 0
  connectionsAccepted = 0
  /** Produced by clients and durable. */
  readonly appended = { batches: 0, records: 0, bytes: 0 }
  /** Bytes of batches sent to clients. */
  bytesRead = 0
  readonly byApi = new Map<string, ApiCounts>()

  loginFailed(): void {
    this.loginsFailed++
  }

  /** A client's batch became durable. */
  batchAppended(records: number, bytes: number): void {
    this.appended.batches++
    this.appended.records += records
    this.appended.bytes += bytes
  }

  /** One request was answered after `ms`. */
  request(api: string, ms: number): void {
    let counts = this.byApi.get(api)
    if (counts === undefined) {
      counts = { requests: 0, seconds: 0 }
      this.byApi.set(api, counts)
    }
    counts.requests++
    counts.seconds += ms / 1000
  }
}
