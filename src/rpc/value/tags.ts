// The first byte of every value says what follows. Numbers called n are uvarints (LEB128, 32 bits), doubles are
// big-endian, "text" is a value of one of the text tags. A node is a value with identity: nodes are numbered from 0 in the
// order in which they begin, alike on both sides, so that a later occurrence is its number.
//
//   00..7f  the whole number 0..127
//   80..bf  text of 0..63 characters in Latin-1, one byte each
//   c0..c3  undefined, null, false, true
//   c4      n: the whole number n              c5  n: the whole number -1 - n
//   c6      double: any other number
//   c7      n, n bytes: the bigint of that magnitude, high byte first        c8  the same for -1 - it
//   c9      n, n bytes: text in Latin-1        ca  n, n bytes: text in UTF-8
//   cb      n, 2n bytes: text in UTF-16, low byte first: only for text with lone surrogates
//   cc      n: node n once more
//   cd      kind (1 byte), n: what the reference n of that kind stands for (see reference.ts)
// Nodes:
//   d0      n, n values: an array without holes
//   d1      n, m, m * (index, value), k, k * (text, value): an array of length n with holes or named properties
//   d2      n bytes of shape, values: an object; the shape (shapes.ts) gets the next number of this message
//   d3      n, values: an object of shape n
//   d4      n, n * (key, value): Map            d5  n, n values: Set
//   d6      double: Date                        d7  text, text: RegExp of source and flags
//   d8      n, n bytes: ArrayBuffer             d9  n: the ArrayBuffer of the view that is node n
//   da      n, n bytes: Uint8Array
//   db      kind (1 byte), n, n bytes: another view with memory of its own
//   dc      kind, n, offset, length: a view over the memory of node n, an ArrayBuffer or a view over the whole of one;
//           offset and length in bytes
//   dd      class (1 byte), then as d2: Error   de  text, text: DOMException of message and name
//   df      value: a boolean, number, string or bigint as an object
//   e2      n, n bytes: a Buffer of Node
//   e0      kind, n: a view with n bytes of zero e1  n: an ArrayBuffer of n bytes of zero (parameters that only come back)

/** The largest whole number that is its own tag. */
export const SMALL_INT_MAX = 0x7f
export const SHORT_TEXT = 0x80
/** The longest text whose length is in its tag. */
export const SHORT_TEXT_MAX = 63

export const UNDEFINED = 0xc0
export const NULL = 0xc1
export const FALSE = 0xc2
export const TRUE = 0xc3
export const INT = 0xc4
export const NEGATIVE_INT = 0xc5
export const DOUBLE = 0xc6
export const BIGINT = 0xc7
export const NEGATIVE_BIGINT = 0xc8
export const LATIN1 = 0xc9
export const UTF8 = 0xca
export const UTF16 = 0xcb
export const NODE = 0xcc
export const REFERENCE = 0xcd
export const ARRAY = 0xd0
export const SPARSE_ARRAY = 0xd1
export const OBJECT = 0xd2
export const OBJECT_OF_SHAPE = 0xd3
export const MAP = 0xd4
export const SET = 0xd5
export const DATE = 0xd6
export const REGEXP = 0xd7
export const ARRAY_BUFFER = 0xd8
export const BUFFER_OF_VIEW = 0xd9
export const UINT8_ARRAY = 0xda
export const VIEW = 0xdb
export const SHARED_VIEW = 0xdc
export const ERROR = 0xdd
export const DOM_EXCEPTION = 0xde
export const BOXED = 0xdf
export const ZERO_VIEW = 0xe0
export const ZERO_BUFFER = 0xe1
export const NODE_BUFFER = 0xe2
