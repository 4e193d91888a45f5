// What a page may ask for: browsers refuse sub-protocols with a slash (RFC 6455 section 4.1 wants a token), so of ZWS 2.0 there
// is the bare form, without a security mechanism. Stands for ws-protocols.ts in the bundle.

export const ZWS_BARE = 'ZWS2.0'

export function wsProtocols(): readonly string[] {
  return [ZWS_BARE]
}

export const servedWsProtocols = wsProtocols
