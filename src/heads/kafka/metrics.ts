// Counts of the Kafka head, by API.

export interface ApiCounts {
  requests: number
  seconds: number
}

export class RequestMetrics {
  loginsFailed = 0

  readonly byApi = new Map<string, ApiCounts>()

  loginFailed(): void {
    this.loginsFailed++
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
