// The IDL compiler: .x files (RFC 4506, RFC 5531, and what rpcgen takes) to TypeScript.
//
//   const { code, diagnostics } = compileIdl({ name: 'sum.x', text: 'struct pair { int a; int b; };' })

export { type Compiled, type CompileOptions, checkIdl, compileIdl, printIdl } from './compile.ts'
export type { StringPolicy } from './emit/uses.ts'
export type { Files } from './preprocess/preprocessor.ts'
export { isSampleName, type SamplePart, sample, sampleParts } from './sample/sample.ts'
export { type Diagnostic, renderDiagnostic, type Severity } from './source/diagnostic.ts'
export type { Place, Source } from './source/source.ts'
