// Names in what is emitted: those of the .x file, so that who knows the protocol finds them; a type `foo` has its table
// as `xdr_foo`, which is what rpcgen calls its codec. Where TypeScript, the imports or another name stand in the way, an
// underscore is added.

/** Words that cannot name a value or a type in a module. */
const words = [
  ...[
    'break',
    'case',
    'catch',
    'class',
    'const',
    'continue',
    'debugger',
    'default',
    'delete',
    'do',
    'else',
    'enum',
  ],
  ...[
    'export',
    'extends',
    'false',
    'finally',
    'for',
    'function',
    'if',
    'import',
    'in',
    'instanceof',
    'new',
    'null',
  ],
  ...[
    'return',
    'super',
    'switch',
    'this',
    'throw',
    'true',
    'try',
    'typeof',
    'var',
    'void',
    'while',
    'with',
    'let',
  ],
  ...[
    'static',
    'yield',
    'await',
    'async',
    'of',
    'implements',
    'interface',
    'package',
    'private',
    'protected',
    'public',
  ],
  ...[
    'any',
    'unknown',
    'never',
    'object',
    'string',
    'number',
    'boolean',
    'bigint',
    'symbol',
    'undefined',
    'type',
  ],
  ...[
    'arguments',
    'eval',
    'NaN',
    'Infinity',
    'readonly',
    'keyof',
    'as',
    'declare',
    'module',
    'namespace',
    'abstract',
  ],
  ...['infer', 'is', 'asserts', 'global', 'require', 'exports', 'constructor'],
]
/** Globals and imports that the emitted code uses, or that a lint rule of most projects keeps from being hidden. */
const used = [
  ...[
    'Uint8Array',
    'Exclude',
    'Promise',
    'Xdr',
    'xdr',
    'program',
    'ClientOf',
    'ServerOf',
    'Object',
    'Array',
    'Error',
  ],
  ...[
    'Symbol',
    'Map',
    'Set',
    'Date',
    'String',
    'Number',
    'Boolean',
    'BigInt',
    'Function',
    'JSON',
    'Math',
    'Proxy',
  ],
  ...['Reflect', 'RegExp', 'globalThis', 'isNaN', 'isFinite', 'parseInt', 'parseFloat', 'escape', 'unescape'],
]

/** Gives each name of the source one in the module, each once. */
export class ModuleNames {
  readonly #taken = new Set([...words, ...used])
  readonly #given = new Map<string, string>()

  /** The name of `thing`, which is `wanted` when that is free; the same for the same thing. */
  take(thing: string, wanted = thing): string {
    const found = this.#given.get(thing)
    if (found !== undefined) return found
    let free = wanted
    while (this.#taken.has(free)) free += '_'
    this.#taken.add(free)
    this.#given.set(thing, free)
    return free
  }

  /** A type, whose table stands beside it. */
  type(name: string): { readonly type: string; readonly table: string } {
    return { type: this.take(name), table: this.take(`table ${name}`, `xdr_${name}`) }
  }
}

/** The name of a property: any word but the one that would set the prototype. */
export function propertyName(name: string): string {
  return name === '__proto__' ? '__proto___' : name
}
