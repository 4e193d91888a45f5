// The compiler against text that nobody meant: sources with words taken out, doubled, exchanged and cut off. Whatever it gets,
// it answers with a module or with errors that have a place; what it prints, it reads again as it was.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileIdl, printIdl, renderDiagnostic, sample } from './index.ts'

const hard = `
/* A comment. */
#define PAIR (1 + 1)
#ifdef RPC_HDR
%#define FROM_C 7
#endif
const BIG = 0x1ffffffffffffff;
const TEXT = "it's";
enum color { RED, GREEN = 5, /* like grass */ BLUE = -2, };
typedef enum { ON = 1, OFF = 0 } onoff;
struct all {
  unsigned hyper d; string aa<FROM_C>; int bb[PAIR]; color *dd; opaque w[5]; long long s;
  struct { int x; union switch (color c) { case RED: case BLUE: int n; case GREEN: void; } inner; } nested;
  char delete[4]; netobj obj; struct tree *t;
};
struct tree { tree *left; int value; tree *right; };
struct node { string name<>; node *next; };
typedef node *list;
union big switch (hyper h) { case 1: list one; case 'a': all two<>; default: string other<>; };
program CALC {
  version CALC_V1 { void NULLPROC(void) = 0; int ADD(int, int) = 1; string HELLO(string who<20>) = 2; } = 1;
} = 0x20000099;
`
const pieces = `${hard}${sample('ledger', 'source')}`.match(/\w+|"[^"]*"|\s+|./g) ?? []

type Change = readonly [at: number, kind: 'drop' | 'double' | 'swap' | 'insert', other: number]
const changes: fc.Arbitrary<Change[]> = fc.array(
  fc.tuple(
    fc.nat(pieces.length - 1),
    fc.constantFrom('drop' as const, 'double' as const, 'swap' as const, 'insert' as const),
    fc.nat(pieces.length - 1),
  ),
  { minLength: 1, maxLength: 4 },
)

function changed(all: readonly Change[], end: number): string {
  const list = [...pieces]
  for (const [at, kind, other] of all) {
    const [a = '', b = ''] = [list[at], list[other]]
    if (kind === 'drop') list[at] = ''
    if (kind === 'double') list[at] = `${a}${a}`
    if (kind === 'insert') list[at] = `${a} ${b} `
    if (kind === 'swap') [list[at], list[other]] = [b, a]
  }
  return list.slice(0, end).join('')
}

describe('whatever it gets', () => {
  it('the compiler answers, and an error has a place in the source', () => {
    fc.assert(
      fc.property(changes, fc.integer({ min: 10, max: pieces.length * 2 }), (all, end) => {
        const source = { name: 'test.x', text: changed(all, end) }
        const { code, errors, diagnostics } = compileIdl(source)
        expect(code === undefined).toBe(errors > 0)
        for (const one of diagnostics) expect(renderDiagnostic(one)).toMatch(/^(test\.x|<.*>):\d+:\d+: /)
      }),
      { numRuns: 150 },
    )
  })

  it('what is printed is read again as it was', () => {
    fc.assert(
      fc.property(changes, all => {
        const source = { name: 'test.x', text: changed(all, pieces.length) }
        const printed = printIdl(source).code
        fc.pre(printed !== undefined)
        const again = printIdl({ name: 'test.x', text: printed ?? '' })
        expect(again.diagnostics.map(renderDiagnostic)).toEqual([])
        expect(again.code).toBe(printed)
        expect(compileIdl({ name: 'test.x', text: printed ?? '' }).code).toBe(compileIdl(source).code)
      }),
      { numRuns: 150 },
    )
  })

  it('a name that reads like a base type is printed as a name', () => {
    const source = { name: 'test.x', text: 'struct s { struct char c; char d; };' }
    const printed = printIdl(source).code ?? ''
    expect(printed).toContain('struct char c;')
    expect(printed).toContain(' char d;')
    expect(printIdl({ name: 'test.x', text: printed }).code).toBe(printed)
    expect([source.text, printed].map(text => compileIdl({ name: 'test.x', text }).code)).toEqual([
      undefined,
      undefined,
    ])
  })

  it.each([
    '',
    ' ',
    '\0',
    '%',
    '#',
    '/*',
    '"',
    "'",
    '{',
    '}',
    ';'.repeat(1000),
    '{'.repeat(1000),
    'struct '.repeat(1000),
  ])('is %j', text => {
    expect(() => compileIdl({ name: 'test.x', text })).not.toThrow()
  })
})
