// Looking at a connection at work: what is packed, given to the stream, and received, as it happens. For tools that show
// calls (`posthorn rpc trace`); without an observer it costs one comparison for each frame and each write.

/** What happened at this end of a connection. */
export type FrameEvent =
  /** A frame lies ready; it goes out with all others of this turn of the event loop. Bytes are without the length before it. */
  | { readonly at: 'packed'; readonly kind: number; readonly bytes: number }
  /** What lay ready was given to the stream: whole frames, each behind its length of 4 bytes. Kept by whoever is told. */
  | { readonly at: 'sent'; readonly batch: Buffer }
  /** A whole frame came, without its length. Borrowed until return. */
  | { readonly at: 'received'; readonly frame: Buffer }

/** Must not throw: it is called in the midst of the work. */
export type FrameObserver = (event: FrameEvent) => void
