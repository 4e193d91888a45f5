// A file to start from, with a server and a client of it: a list on another machine, and a call that appends to it, which is
// what textbooks begin with.

/** The parts of a sample. */
export const sampleParts = ['source', 'server', 'client'] as const
export type SamplePart = (typeof sampleParts)[number]

/** Whether a sample can be called so: the name of a file and, in capitals, of a program. */
export function isSampleName(name: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_]{0,59}$/.test(name)
}

/** One part of the sample `name`, which `isSampleName` must have agreed to. */
export function sample(name: string, part: SamplePart): string {
  const words: Words = { file: name, upper: name.toUpperCase(), lower: name.toLowerCase() }
  return { source, server, client }[part](words)
}

interface Words {
  readonly file: string
  readonly upper: string
  readonly lower: string
}

const source = ({ file, upper, lower }: Words): string => `/*
 * ${file}: a list that is kept by a server.
 * Compile it with: posthorn idl compile ${file}.x ${file}.ts
 */

/* Characters of an item, as bytes in UTF-8. */
const ${upper}_TEXT_MAX = 255;

enum ${lower}_status {
    ${upper}_OK = 0,
    ${upper}_FULL = 1,
    ${upper}_UNKNOWN = 2
};

/* One entry of the list. */
struct ${lower}_item {
    string text<${upper}_TEXT_MAX>;
    /* Seconds since 1970. */
    unsigned hyper time;
    /* A linked list on the wire; an array in TypeScript. */
    ${lower}_item *next;
};

typedef ${lower}_item *${lower}_list;

struct ${lower}_append_args {
    string list<${upper}_TEXT_MAX>;
    ${lower}_list items;
};

/* How many entries the list has now, or why not. */
union ${lower}_append_result switch (${lower}_status status) {
    case ${upper}_OK:
        unsigned int length;
    default:
        void;
};

union ${lower}_read_result switch (${lower}_status status) {
    case ${upper}_OK:
        ${lower}_list items;
    default:
        void;
};

program ${upper}_PROGRAM {
    version ${upper}_V1 {
        /* Does nothing: every program has it, to see whether it is there. */
        void ${upper}_NULL(void) = 0;
        /* Adds items to the end of a list. */
        ${lower}_append_result ${upper}_APPEND(${lower}_append_args) = 1;
        /* All items of the list of this name. */
        ${lower}_read_result ${upper}_READ(string) = 2;
    } = 1;
} = 0x20000001;
`

const server = ({
  file,
  upper,
  lower,
}: Words): string => `// The server of ${file}.x: what each procedure does. ${file}.ts is made by: posthorn idl compile ${file}.x ${file}.ts

import { type ${upper}_V1_server, type ${lower}_item, ${lower}_status } from './${file}.js'

const LENGTH_MAX = 10_000

/** A server with lists of its own. */
export function make${camel(file)}Server(): ${upper}_V1_server {
  const lists = new Map<string, ${lower}_item[]>()
  return {
    ${upper}_NULL: () => undefined,

    ${upper}_APPEND({ list, items }) {
      const found = lists.get(list) ?? []
      if (found.length + items.length > LENGTH_MAX) return { status: ${lower}_status.${upper}_FULL }
      found.push(...items)
      lists.set(list, found)
      return { status: ${lower}_status.${upper}_OK, length: found.length }
    },

    ${upper}_READ(list) {
      const items = lists.get(list)
      return items === undefined
        ? { status: ${lower}_status.${upper}_UNKNOWN }
        : { status: ${lower}_status.${upper}_OK, items }
    },
  }
}
`

const client = ({
  file,
  upper,
  lower,
}: Words): string => `// A client of ${file}.x: appends to a list and reads it back. ${file}.ts is made by: posthorn idl compile ${file}.x ${file}.ts

import { type ${upper}_V1_client, ${lower}_status } from './${file}.js'

/** Appends a text to a list, and gives all its texts. \`nowMs\` is the time in ms since 1970. */
export async function append(
  client: ${upper}_V1_client,
  list: string,
  text: string,
  nowMs: number,
): Promise<string[]> {
  const item = { text, time: BigInt(Math.floor(nowMs / 1000)) }
  const appended = await client.${upper}_APPEND({ list, items: [item] })
  if (appended.status !== ${lower}_status.${upper}_OK) throw new Error(\`\${list} is full\`)
  const read = await client.${upper}_READ(list)
  if (read.status !== ${lower}_status.${upper}_OK) throw new Error(\`there is no list \${list}\`)
  return read.items.map(one => one.text)
}
`

function camel(name: string): string {
  return name.replace(/(?:^|_)([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}
