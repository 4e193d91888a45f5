// The compiler against its two grammars: what RFC 4506 and RFC 5531 allow, and what rpcgen 1.4.3 was seen to take, each as a
// case that compiles; what both refuse as a case with its message and its place.

import { describe, expect, it } from 'vitest'
import { checkIdl, compileIdl, printIdl, renderDiagnostic, sample, sampleParts } from './index.ts'

function compiled(text: string, options: Parameters<typeof compileIdl>[1] = {}): string {
  const { code, diagnostics } = compileIdl({ name: 'test.x', text }, options)
  expect(diagnostics.filter(one => one.severity !== 'note').map(renderDiagnostic)).toEqual([])
  return code ?? ''
}

/** Each source, and a line that its module must have. */
const accepted: readonly (readonly [title: string, source: string, line: string])[] = [
  ['4.1 int', 'struct s { int a; };', '  a: xdr.int,'],
  ['4.2 unsigned alone', 'struct s { unsigned a; };', '  a: xdr.uint,'],
  ['4.3 enum with negative and hexadecimal values', 'enum e { A = -1, B = 0x10 };', '  B: 16,'],
  ['4.5 unsigned hyper', 'struct s { unsigned hyper a; };', '  readonly a: bigint'],
  ['4.8 quadruple', 'struct s { quadruple a; };', '  a: xdr.quadruple,'],
  ['4.9 opaque of fixed length', 'struct s { opaque a[8]; };', '  a: xdr.opaque(8),'],
  ['4.10 opaque without bound', 'struct s { opaque a<>; };', '  a: xdr.varOpaque(),'],
  ['4.11 string with a bound by name', 'const N = 4; struct s { string a<N>; };', '  a: xdr.string(N),'],
  ['4.12 array of fixed length', 'struct s { int a[3]; };', '  a: xdr.array(xdr.int, 3),'],
  ['4.13 array with bound', 'struct s { int a<3>; };', '  readonly a: readonly number[]'],
  [
    '4.15 union with two cases for one arm',
    'union u switch (int a) { case 1: case 2: int b; };',
    "export const xdr_u: Xdr<u> = xdr.union('a', xdr.int, [xdr.arm([1, 2], 'b', xdr.int)])",
  ],
  [
    '4.15 union with a void default',
    'union u switch (int a) { case 1: int b; default: void; };',
    "export const xdr_u: Xdr<u> = xdr.union('a', xdr.int, [xdr.arm([1], 'b', xdr.int), xdr.otherwise()])",
  ],
  [
    '4.15 a default of int does not hide the arms',
    'union u switch (int a) { case 1: int b; default: void; };',
    'export type u = { readonly a: 1; readonly b: number } | { readonly a: number; readonly b?: never }',
  ],
  [
    '4.15 a default of an enum is what the cases leave',
    'enum e { A, B }; union u switch (e a) { case A: int b; default: void; };',
    'export type u = { readonly a: typeof e.A; readonly b: number } | { readonly a: Exclude<e, typeof e.A> }',
  ],
  ['4.17 const in octal', 'const A = 010;', 'export const A = 8'],
  ['4.18 typedef', 'typedef string name<8>;', 'export type name = string'],
  [
    '4.18 typedef of an anonymous enum',
    'typedef enum { A = 1 } e;',
    'export type e = (typeof e)[keyof typeof e]',
  ],
  ['4.19 optional data', 'struct s { int *a; };', '  readonly a?: number | undefined'],
  [
    '4.19 a linked list is an array',
    'struct n { int a; n *next; }; typedef n *l;',
    'export type l = readonly n[]',
  ],
  [
    '4.19 a linked list through a typedef that comes first, as in RFC 4506',
    'typedef struct n *l; struct n { int a; l next; };',
    'export const xdr_l: Xdr<l> = xdr.list(xdr.lazy(() => xdr_n))',
  ],
  [
    '4.19 a tree is no list',
    'struct t { t *left; int a; t *right; };',
    '  left: xdr.optional(xdr.lazy(() => xdr_t)),',
  ],
  [
    '6.3 an anonymous struct in a struct gets a name',
    'struct s { struct { int b; } a; };',
    'export interface s_a {',
  ],
  [
    '6.3 an anonymous union in an arm',
    'union u switch (int a) { case 1: union switch (bool c) { case TRUE: int d; case FALSE: void; } b; };',
    'export type u_b = { readonly c: true; readonly d: number } | { readonly c: false }',
  ],
  ['RFC 5531, 12.2 a program', 'program P { version V { void N(void) = 0; } = 1; } = 9;', '  program: 9,'],
  ['rpcgen: enum members without values', 'enum e { A, B, C = 7, D };', '  D: 8,'],
  ['rpcgen: const string', 'const A = "a\\tb";', "export const A = 'a\\tb'"],
  ['rpcgen: const of more than 32 bits', 'const A = 0x100000000;', 'export const A = 4294967296'],
  ['const of more than 53 bits', 'const A = 0xffffffffffffffff;', 'export const A = 18446744073709551615n'],
  ['rpcgen: char in four bytes', 'struct s { char a[4]; };', '  a: xdr.array(xdr.char, 4),'],
  ['rpcgen: u_long of 32 bits', 'struct s { u_long a; };', '  a: xdr.uint,'],
  ['rpcgen: uint64_t', 'struct s { uint64_t a; };', '  a: xdr.uhyper,'],
  ['C: unsigned long long', 'struct s { unsigned long long a; };', '  a: xdr.uhyper,'],
  [
    'rpcgen: struct before a name',
    'struct t { int b; }; struct s { struct t *a; };',
    '  a: xdr.optional(xdr_t),',
  ],
  [
    'rpcgen: a character as case',
    "union u switch (int a) { case 'x': int b; };",
    "export const xdr_u: Xdr<u> = xdr.union('a', xdr.int, [xdr.arm([120], 'b', xdr.int)])",
  ],
  [
    'rpcgen: a hyper as discriminant',
    'union u switch (hyper a) { case 1: int b; };',
    "export const xdr_u: Xdr<u> = xdr.union('a', xdr.hyper, [xdr.arm([1n], 'b', xdr.int)])",
  ],
  [
    'rpcgen: several arguments, one with a name',
    'program P { version V { int ADD(int a, int) = 1; } = 1; } = 9;',
    '    ADD: { number: 1, argument: xdr.tuple(xdr.int, xdr.int), result: xdr.int },',
  ],
  [
    'rpcgen: string without brackets as argument and result',
    'program P { version V { string E(string) = 1; } = 1; } = 9;',
    '    E: { number: 1, argument: xdr.string(), result: xdr.string() },',
  ],
  [
    'rpcgen: the number of a procedure as a constant',
    'const A = B; program P { version V { void B(void) = 5; } = 1; } = 9;',
    'export const A = 5',
  ],
  [
    'rpcgen: use before declaration',
    'struct s { t a; }; struct t { int b; };',
    '  a: xdr.lazy(() => xdr_t),',
  ],
  ['a comma behind the last member', 'enum e { A, };', '  A: 0,'],
  ['// comments', '// text\nconst A = 1; // more', 'export const A = 1'],
  [
    'a comment becomes documentation',
    '/* What it is. */\nstruct s { int a; /* and this */ };',
    '  /** and this */',
  ],
  [
    'netobj, which only C headers declare',
    'struct s { netobj a; };',
    'export const xdr_netobj: Xdr<netobj> = xdr.varOpaque(1024)',
  ],
  ['typedef of a name to itself', 'struct s { int a; }; typedef struct s s;', 'export interface s {'],
  ['words of TypeScript as names', 'struct delete { int class; };', 'export interface delete_ {'],
  ['the prototype as a field', 'struct s { int __proto__; };', '  __proto___: xdr.int,'],
  [
    'a type whose name is that of a table',
    'struct a { int b; }; struct xdr_a { int b; };',
    'export const xdr_a_: Xdr<a> = xdr.struct({',
  ],
  ['#define', '#define N 4\nstruct s { int a[N]; };', '  a: xdr.array(xdr.int, 4),'],
  [
    '#define of an expression',
    '#define N (M + 1)\n#define M 2\nstruct s { int a[N]; };',
    '  a: xdr.array(xdr.int, 3),',
  ],
  [
    '#ifdef of what rpcgen defines',
    '#ifdef RPC_HDR\nconst A = 1;\n#else\nconst A = 2;\n#endif',
    'export const A = 1',
  ],
  [
    '#if with an expression',
    '#define V 3\n#if defined(V) && V >= 3\nconst A = 1;\n#endif',
    'export const A = 1',
  ],
  ['#elif', '#if 0\nconst A = 1;\n#elif 1\nconst A = 2;\n#else\nconst A = 3;\n#endif', 'export const A = 2'],
  ['#if 0 around what is no language', "#if 0\n@ don't\n#endif\nconst A = 1;", 'export const A = 1'],
  ['a macro that names itself', '#define A A\nconst A = 1;', 'export const A = 1'],
  ['% lines', '%#include <x.h>\nconst A = 1;', 'export const A = 1'],
  [
    'a %#define as the value of a bound',
    '%#define N 7\n%#define M N+1\nstruct s { string a<M>; };',
    '  a: xdr.string(8),',
  ],
]

/** Each source, and what is said of it: message and line:column. */
const refused: readonly (readonly [title: string, source: string, at: string, message: string])[] = [
  ['two definitions of a name', 'const A = 1;\nconst A = 2;', '2:7', "there is a constant 'A' already"],
  [
    'a member that is there in another enum',
    'enum e { A };\nenum f { A };',
    '2:10',
    "there is a member of an enum 'A' already",
  ],
  ['two fields of a name', 'struct s { int a; int a; };', '1:23', "the struct s has a 'a' already"],
  [
    'a type that is not there',
    'struct s { color a; };\nenum colour { A };',
    '1:12',
    "there is no type 'color'; is 'colour' meant?",
  ],
  [
    'a constant that is not there',
    'struct s { int a[N]; };',
    '1:18',
    "there is no constant 'N'; -D N=... gives it a value",
  ],
  [
    'a constant in the place of a type',
    'const A = 1; struct s { A b; };',
    '1:25',
    "'A' is a constant, not a type",
  ],
  ['a negative length', 'struct s { int a[-1]; };', '1:18', 'a length is 0 to 4294967295, not -1'],
  [
    'a bound above 32 bits',
    'struct s { int a<4294967296>; };',
    '1:18',
    'a length is 0 to 4294967295, not 4294967296',
  ],
  [
    'a constant that leads back to itself',
    'const A = B;\nconst B = A;',
    '2:7',
    "the value of 'B' leads back to itself",
  ],
  [
    'a member above 32 bits',
    'enum e { A = 2147483648 };',
    '1:10',
    'a member of an enum is an int, which 2147483648 is not',
  ],
  [
    'a struct that holds itself',
    'struct s { s a; };',
    '1:8',
    "a 's' holds a 's' without end: make it optional (*) or an array (<>)",
  ],
  [
    'structs that hold one another',
    'struct s { t a; };\nstruct t { s a[2]; };',
    '1:8',
    "a 's' holds a 's' without end: make it optional (*) or an array (<>)",
  ],
  [
    'typedefs that name one another',
    'typedef a b<>;\ntypedef b a;',
    '1:11',
    "the typedef 'b' leads back to itself and names nothing",
  ],
  [
    'optional data of optional data',
    'typedef int *a;\ntypedef a *b;',
    '2:12',
    "'b' has optional data that is optional already: put a struct between them",
  ],
  [
    'a string as discriminant',
    'union u switch (t a) { case 1: void; };\ntypedef string t<>;',
    '1:19',
    'a union is switched by an int, unsigned int, hyper, bool or enum',
  ],
  [
    'a case twice',
    'union u switch (int a) { case 1: void; case 1: void; };',
    '1:45',
    'the case 1 is there already',
  ],
  [
    'a case that is no member',
    'enum e { A }; union u switch (e a) { case 5: void; };',
    '1:43',
    '5 is no member of the enum e',
  ],
  [
    'a case that the type cannot have',
    'union u switch (unsigned a) { case -1: void; };',
    '1:36',
    'the discriminant cannot be -1: it is 0 to 4294967295',
  ],
  [
    'two defaults',
    'union u switch (int a) { default: void; default: void; };',
    '1:41',
    'this union has a default already',
  ],
  [
    'two procedures of a number',
    'program P { version V { void A(void) = 1;\nvoid B(void) = 1; } = 1; } = 9;',
    '2:16',
    'another procedure has the number 1',
  ],
  [
    'two versions of a number',
    'program P { version V { void A(void) = 1; } = 1;\nversion W { void A(void) = 1; } = 1; } = 9;',
    '2:35',
    'another version has the number 1',
  ],
  [
    'a program number above 32 bits',
    'program P { version V { void A(void) = 1; } = 1; } = 0x100000000;',
    '1:54',
    'the number of a program is 0 to 4294967295, not 4294967296',
  ],
  [
    'a missing semicolon',
    'struct s { int a }\nconst A = 1;',
    '1:16',
    "';' is missing after the field, before '}'",
  ],
  ['an empty struct', 'struct s { };', '1:12', 'a struct is empty'],
  [
    'void as a field',
    'struct s { void; };',
    '1:12',
    'void holds nothing: it can stand only for an arm, an argument or a result',
  ],
  [
    'a string in square brackets',
    'struct s { string a[5]; };',
    '1:20',
    'a string has a bound or none, in angle brackets: a<n> or a<>',
  ],
  [
    'opaque without length',
    'struct s { opaque a; };',
    '1:20',
    'opaque needs a length: a[n], or a<n> for up to n bytes',
  ],
  [
    'two dimensions',
    'struct s { int a[2][3]; };',
    '1:20',
    'XDR has arrays of one dimension: name the inner one with a typedef',
  ],
  ['a pointer to a pointer', 'struct s { int **a; };', '1:17', 'XDR has no pointer to a pointer'],
  [
    'a pointer as result',
    'program P { version V { int *A(void) = 1; } = 1; } = 9;',
    '1:29',
    'name the pointer with a typedef: procedures take and give types by name',
  ],
  [
    'a word of the language as a name',
    'struct union { int a; };',
    '1:8',
    "'union' is a word of the language and cannot name a struct",
  ],
  ['a character of no language', 'const A = 1 @;', '1:13', "'@' does not belong here"],
  ['a comment without end', 'const A = 1; /* and', '1:14', 'this comment has no end'],
  ['#endif without #if', 'const A = 1;\n#endif', '2:1', 'this #endif ends no #if'],
  ['#if without #endif', '#if 1\nconst A = 1;', '1:1', 'this has no #endif'],
  ['an included file that is not there', '#include "b.x"\nconst A = 1;', '1:1', 'there is no file b.x'],
  ['#error', '#error so it is\nconst A = 1;', '1:1', 'so it is'],
  [
    'a macro with arguments',
    '#define F(a) a\nconst A = 1;',
    '1:1',
    'the macro F has arguments, which .x files cannot use here',
  ],
  ['division by zero', 'const A = 1 / 0;', '1:13', '1 / 0 has no value'],
  [
    'deep parentheses',
    `const A = ${'('.repeat(100)}1${')'.repeat(100)};`,
    '1:76',
    'this is nested deeper than 64',
  ],
  [
    'deep structs',
    `struct s { ${'struct { '.repeat(100)}int a; };`,
    '1:595',
    'types are nested deeper than 64',
  ],
]

describe('the compiler takes', () => {
  it.each(accepted)('%s', (_, source, line) => {
    expect(compiled(source).split('\n')).toContain(line)
  })

  it.each(accepted)('and prints so that it is the same again: %s', (_, source, line) => {
    const printed = printIdl({ name: 'test.x', text: source }).code ?? ''
    expect(printIdl({ name: 'test.x', text: printed }).code).toBe(printed)
    expect(compiled(printed).split('\n')).toContain(line)
  })

  it.each([...sampleParts.filter(part => part === 'source')])('its own sample, %s', part => {
    expect(compiled(sample('ledger', part))).toContain('export const LEDGER_V1 = program({')
  })
})

/** The messages of ONC RPC as RFC 5531, section 9, writes them; rpcgen refuses the anonymous types in them. */
const rpcMessages = `
enum msg_type { CALL = 0, REPLY = 1 };
enum reply_stat { MSG_ACCEPTED = 0, MSG_DENIED = 1 };
enum accept_stat { SUCCESS = 0, PROG_UNAVAIL = 1, PROG_MISMATCH = 2, PROC_UNAVAIL = 3, GARBAGE_ARGS = 4, SYSTEM_ERR = 5 };
enum reject_stat { RPC_MISMATCH = 0, AUTH_ERROR = 1 };
enum auth_stat { AUTH_OK = 0, AUTH_BADCRED = 1 };
enum auth_flavor { AUTH_NONE = 0, AUTH_SYS = 1 };
struct opaque_auth { auth_flavor flavor; opaque body<400>; };
struct rpc_msg {
  unsigned int xid;
  union switch (msg_type mtype) {
  case CALL: call_body cbody;
  case REPLY: reply_body rbody;
  } body;
};
struct call_body {
  unsigned int rpcvers; unsigned int prog; unsigned int vers; unsigned int proc;
  opaque_auth cred; opaque_auth verf;
};
union reply_body switch (reply_stat stat) {
case MSG_ACCEPTED: accepted_reply areply;
case MSG_DENIED: rejected_reply rreply;
} ;
struct accepted_reply {
  opaque_auth verf;
  union switch (accept_stat stat) {
  case SUCCESS: opaque results[0];
  case PROG_MISMATCH: struct { unsigned int low; unsigned int high; } mismatch_info;
  default: void;
  } reply_data;
};
union rejected_reply switch (reject_stat stat) {
case RPC_MISMATCH: struct { unsigned int low; unsigned int high; } mismatch_info;
case AUTH_ERROR: auth_stat stat;
};
`

it('the compiler takes the messages of RFC 5531, section 9, in which an arm is called as its discriminant', () => {
  const lines = compiled(rpcMessages).split('\n')
  expect(lines).toContain('  | { readonly stat: typeof reject_stat.AUTH_ERROR; readonly stat_: auth_stat }')
  expect(lines).toContain('export interface rejected_reply_mismatch_info {')
  expect(lines).toContain('export type accepted_reply_reply_data =')
})

describe('the compiler refuses', () => {
  it.each(refused)('%s', (_, source, at, message) => {
    const { code, diagnostics } = compileIdl({ name: 'test.x', text: source })
    expect(code).toBeUndefined()
    const [first = ''] = diagnostics.filter(({ severity }) => severity === 'error').map(renderDiagnostic)
    expect(first.split('\n')[0]).toBe(`test.x:${at}: error: ${message}`)
  })

  it('shows the line, a caret, and the first of two', () => {
    const { diagnostics } = compileIdl({ name: 'a/test.x', text: 'const A = 1;\n\tconst A = 2;' })
    expect(diagnostics.map(renderDiagnostic)).toEqual([
      [
        "a/test.x:2:8: error: there is a constant 'A' already",
        '  \tconst A = 2;',
        '  \t      ^',
        'a/test.x:1:7: note: it is declared here',
        '  const A = 1;',
        '        ^',
      ].join('\n'),
    ])
  })

  it('reports several mistakes in one run, and goes on behind each', () => {
    const text = [
      'struct a { int; int b; };',
      'enum b { A = , B };',
      'union c switch (int d) { case 1 int e; case 2: nothing f; };',
      'program P { version V { void X = 1; void Y(void) = 2; } = 1 } = 9;',
      'const = 4;',
      'struct good { int a; };',
      'struct d { missing m; };',
    ].join('\n')
    const { diagnostics, schema } = checkIdl({ name: 'test.x', text })
    const lines = diagnostics.map(one => renderDiagnostic(one).split(':')[1])
    expect([...new Set(lines)]).toEqual(['1', '2', '3', '4', '5', '7'])
    expect(schema.types.map(({ name }) => name)).toContain('good')
  })

  it('macros that double one another without end', () => {
    const rows = Array.from({ length: 40 }, (_, n) => `#define A${n} A${n + 1} A${n + 1}`)
    const { errors } = compileIdl({ name: 'test.x', text: `${rows.join('\n')}\nA0` })
    expect(errors).toBeGreaterThan(0)
  })
})

describe('files', () => {
  const files = {
    find: (path: string) => {
      const texts: Readonly<Record<string, string>> = {
        'b.x': 'const B = 2;\n#include "c.x"\n',
        'c.x': 'struct c { int a; };',
        'loop.x': '#include "loop.x"',
        'made.x': 'struct wanted { inner a; };\nstruct inner { int b; };\nstruct idle { int c; };',
      }
      const text = texts[path]
      return text === undefined ? undefined : { name: path, text }
    },
  }

  it('are included, in files that are included', () => {
    expect(compiled('#include "b.x"\nstruct s { c a[B]; };', { files })).toContain('a: xdr.array(xdr_c, B)')
  })

  it('are not included without end', () => {
    const { diagnostics } = compileIdl({ name: 'test.x', text: '#include "loop.x"' }, { files })
    expect(diagnostics.map(({ message }) => message)).toEqual(['files are included deeper than 32'])
  })

  it('are found behind the header that rpcgen makes of them, and only what is needed is taken', () => {
    const code = compiled('%#include <made.h>\nstruct s { wanted a; };', { files })
    expect(code).toContain('export interface wanted {')
    expect(code).toContain('export interface inner {')
    expect(code).not.toContain('idle')
  })

  it('may lack a constant that the command line gives', () => {
    const text = 'struct s { opaque uuid[VIR_UUID_BUFLEN]; };'
    expect(compiled(text, { defines: { VIR_UUID_BUFLEN: '16' } })).toContain('uuid: xdr.opaque(16)')
  })
})

describe('strings', () => {
  it.each([
    ['utf8', '  a: xdr.string(8),', '  readonly a: string'],
    ['latin1', '  a: xdr.latin1(8),', '  readonly a: string'],
    ['bytes', '  a: xdr.varOpaque(8),', '  readonly a: Uint8Array'],
  ] as const)('are %s when that is asked for', (strings, table, type) => {
    const lines = compiled('struct s { string a<8>; };', { strings }).split('\n')
    expect(lines).toContain(table)
    expect(lines).toContain(type)
  })
})
