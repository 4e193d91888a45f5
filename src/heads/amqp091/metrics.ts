// What one head counts since its start.

export class HeadMetrics {
  connectionsAccepted = 0
  connectionsClosed = 0
  channelsOpened = 0
  channelsClosed = 0
  published = 0
  publishedBytes = 0
  confirmed = 0
  returned = 0
  delivered = 0
  acknowledged = 0
}
