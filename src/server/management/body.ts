// A JSON body as its route reads it. Tools send numbers and truth values as text (rabbitmqadmin all of them), so that is
// taken too; what is of another type is refused by name.

import { badRequest, type Json, type Shape } from './answer.ts'

export class Body {
  readonly #fields: Shape

  constructor(fields: Shape) {
    this.#fields = fields
  }

  /** An empty body is an empty object. Errors: 400 for what is no JSON object. */
  static parse(bytes: Buffer): Body {
    if (bytes.length === 0) return new Body({})
    let json: Json
    try {
      json = JSON.parse(bytes.toString('utf8')) as Json
    } catch (error) {
      if (error instanceof SyntaxError) throw badRequest('body is not valid JSON')
      throw error
    }
    if (!isShape(json)) throw badRequest('body must be a JSON object')
    return new Body(json)
  }

  get fields(): Shape {
    return this.#fields
  }

  /** The field as it is; undefined when it is absent or null. */
  any(name: string): Json | undefined {
    return Object.hasOwn(this.#fields, name) ? (this.#fields[name] ?? undefined) : undefined
  }

  required(name: string): Json {
    const value = this.any(name)
    if (value === undefined) throw badRequest(`key_missing: ${name}`)
    return value
  }

  text(name: string): string | undefined {
    const value = this.any(name)
    if (value === undefined || typeof value === 'string') return value
    throw wrong(name, 'a string', value)
  }

  requiredText(name: string): string {
    this.required(name)
    return this.text(name) ?? ''
  }

  flag(name: string): boolean | undefined {
    const value = this.any(name)
    if (value === undefined || typeof value === 'boolean') return value
    if (value === 'true') return true
    if (value === 'false' || value === '') return false
    throw wrong(name, 'true or false', value)
  }

  whole(name: string): number | undefined {
    const value = this.any(name)
    if (value === undefined) return undefined
    const number = typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value
    if (typeof number === 'number' && Number.isSafeInteger(number)) return number
    throw wrong(name, 'a whole number', value)
  }

  /** A list of words, or words separated by commas. */
  words(name: string): readonly string[] | undefined {
    const value = this.any(name)
    if (value === undefined) return undefined
    const list = typeof value === 'string' ? value.split(',') : value
    if (!Array.isArray(list) || list.some(one => typeof one !== 'string'))
      throw wrong(name, 'a list of words', value)
    return (list as readonly string[]).map(one => one.trim()).filter(one => one !== '')
  }

  /** Empty when it is absent; an empty list stands for it in what old RabbitMQs export. */
  object(name: string): Shape {
    const value = this.any(name)
    if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) return {}
    if (isShape(value)) return value
    throw wrong(name, 'an object', value)
  }

  /** The objects of a list; none when it is absent. */
  objects(name: string): readonly Body[] {
    const value = this.any(name)
    if (value === undefined) return []
    if (!Array.isArray(value)) throw wrong(name, 'a list', value)
    return (value as readonly Json[]).map(one => {
      if (!isShape(one)) throw wrong(name, 'a list of objects', one)
      return new Body(one)
    })
  }
}

export function isShape(json: Json | undefined): json is Shape {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

function wrong(name: string, wanted: string, value: Json): Error {
  return badRequest(`'${name}' must be ${wanted}; it is ${JSON.stringify(value)?.slice(0, 80)}`)
}
