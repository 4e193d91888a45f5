// What a source may cost the compiler.

/** Errors after which a run ends. */
export const DIAGNOSTICS_MAX = 100
/** Characters of one source file. */
export const SOURCE_LENGTH_MAX = 16 * 1024 * 1024
/** Tokens of a source with all that it includes, macros expanded. */
export const TOKENS_MAX = 2_000_000
/** Macros that are put in the place of their names. */
export const EXPANSIONS_MAX = 100_000
/** Files included in files. */
export const INCLUDE_DEPTH_MAX = 32
/** Parentheses and signs inside one another in an expression, types in types. */
export const NESTING_MAX = 64
