// XDR (RFC 4506): the types, in the order of the RFC's section 4. Each is a value with `decode` and `encode`; those that
// are made of others are functions.
//
//   const point = xdr.struct({ x: xdr.int, y: xdr.int })
//   point.decode(point.encode({ x: 1, y: -1 }))

export { array, varArray } from './array.ts'
export { bool, enumeration } from './enumeration.ts'
export { lazy } from './lazy.ts'
export { char, double, float, hyper, int, quadruple, short, uchar, uhyper, uint, ushort } from './number.ts'
export { opaque, varOpaque } from './opaque.ts'
export { fullList, list, optional } from './optional.ts'
export { struct, tuple } from './struct.ts'
export { latin1, string } from './text.ts'
export { arm, otherwise, union } from './union.ts'
export { nothing } from './void.ts'
