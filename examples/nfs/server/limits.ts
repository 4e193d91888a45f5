// What a client may cost the server.

export const limits = {
  /** Files whose handles are remembered; the one that was asked for longest ago is forgotten first, and is stale then. */
  handlesMax: 65_536,
  /** Mounts that MOUNTPROC3_DUMP tells of; the oldest is forgotten first. */
  mountsMax: 1000,
  /** Names of one directory: all are held in memory while it is listed. */
  namesMax: 100_000,
  /** Directories that are being listed, whose names are kept from one call to the next. */
  listingsMax: 8,
  /** Bytes of one READ or WRITE. */
  transferBytesMax: 256 * 1024,
  /** Bytes of one answer of READDIR or READDIRPLUS. */
  listingBytesMax: 64 * 1024,
  /** Bytes of a name, and of the target of a symbolic link. */
  nameBytesMax: 255,
  pathBytesMax: 4095,
  /** Bytes of one call: a WRITE, and what stands around its data. */
  callBytesMax: 256 * 1024 + 4096,
  /** Calls of one connection that run at a time. */
  runningMax: 64,
  connectionsMax: 256,
} as const
