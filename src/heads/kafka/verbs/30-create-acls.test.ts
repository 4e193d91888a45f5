// The three requests about access control entries: each word has its number, filters select, and what is created counts
// at once.

import { describe, expect, it } from 'vitest'
import { kafkaErrors } from '../errors.ts'
import { CreateAcls, DeleteAcls, DescribeAcls } from '../wire/index.ts'
import { Scene } from './asking.contract.ts'

const LITERAL = 3
const PREFIXED = 4
const MATCH = 2
const ANY = 1

const readTopics = {
  resourceType: 2,
  resourceName: 'orders-',
  resourcePatternType: PREFIXED,
  principal: 'User:ann',
  host: '*',
  operation: 3,
  permissionType: 3,
}
const everything = {
  resourceTypeFilter: ANY,
  resourceNameFilter: null,
  patternTypeFilter: ANY,
  principalFilter: null,
  hostFilter: null,
  operation: ANY,
  permissionType: ANY,
}

describe('CreateAcls', () => {
  const refusals = [
    ['a principal without a type', { principal: 'ann' }],
    ['a cluster of another name', { resourceType: 4, resourceName: 'x' }],
    ['an empty name', { resourceName: '' }],
    ['a resource type that is not known', { resourceType: 99 }],
    ['a pattern that is only for filters', { resourcePatternType: MATCH }],
    ['an operation that is only for filters', { operation: ANY }],
    ['a permission that is none', { permissionType: 0 }],
  ] as const
  it.each(refusals)(
    'refuses %s with INVALID_REQUEST, and takes the entry beside it',
    async (_what, change) => {
      const scene = await Scene.open()
      const { results } = await scene.ask(CreateAcls, {
        creations: [{ ...readTopics, ...change }, readTopics],
      })
      expect(results.map(({ errorCode }) => errorCode)).toEqual([kafkaErrors.INVALID_REQUEST, 0])
      expect(scene.broker.access.authorizer.count).toBe(1)
    },
  )

  it('counts for the next request', async () => {
    const scene = await Scene.open({ access: { superUsers: ['User:root'] } })
    await scene.ask(CreateAcls, {
      creations: [
        {
          ...readTopics,
          resourceType: 4,
          resourceName: 'kafka-cluster',
          resourcePatternType: LITERAL,
          principal: 'User:bob',
        },
      ],
    })
    const denied = await scene.ask(DescribeAcls, everything, { as: 'ann' })
    expect(denied).toMatchObject({ errorCode: kafkaErrors.CLUSTER_AUTHORIZATION_FAILED, resources: [] })
  })
})

describe('DescribeAcls', () => {
  it('gathers entries by resource pattern', async () => {
    const scene = await Scene.open()
    await scene.ask(CreateAcls, {
      creations: [
        readTopics,
        { ...readTopics, operation: 4 },
        { ...readTopics, resourceName: 'other', resourcePatternType: LITERAL },
      ],
    })
    const { resources } = await scene.ask(DescribeAcls, everything)
    expect(resources).toMatchObject([
      {
        resourceType: 2,
        resourceName: 'orders-',
        patternType: PREFIXED,
        acls: [{ operation: 3 }, { operation: 4 }],
      },
      { resourceName: 'other', patternType: LITERAL, acls: [{ principal: 'User:ann', permissionType: 3 }] },
    ])
  })

  it('finds by MATCH what has a say over a name (KIP-290)', async () => {
    const scene = await Scene.open()
    await scene.ask(CreateAcls, { creations: [readTopics, { ...readTopics, resourceName: 'x' }] })
    const filter = {
      ...everything,
      resourceTypeFilter: 2,
      resourceNameFilter: 'orders-7',
      patternTypeFilter: MATCH,
    }
    const { resources } = await scene.ask(DescribeAcls, filter)
    expect(resources.map(({ resourceName }) => resourceName)).toEqual(['orders-'])
  })

  it('refuses a filter with a number that is no word', async () => {
    const scene = await Scene.open()
    const answer = await scene.ask(DescribeAcls, { ...everything, operation: 99 })
    expect(answer).toMatchObject({ errorCode: kafkaErrors.INVALID_REQUEST, resources: [] })
  })
})

describe('DeleteAcls', () => {
  it('removes what each filter selects and names it', async () => {
    const scene = await Scene.open()
    await scene.ask(CreateAcls, { creations: [readTopics, { ...readTopics, principal: 'User:bob' }] })
    const { filterResults } = await scene.ask(DeleteAcls, {
      filters: [
        { ...everything, principalFilter: 'User:ann' },
        { ...everything, principalFilter: 'User:nobody' },
        { ...everything, permissionType: 0 },
      ],
    })
    expect(filterResults).toMatchObject([
      {
        errorCode: 0,
        matchingAcls: [{ principal: 'User:ann', resourceName: 'orders-', patternType: PREFIXED }],
      },
      { errorCode: 0, matchingAcls: [] },
      { errorCode: kafkaErrors.INVALID_REQUEST, matchingAcls: [] },
    ])
    expect(scene.broker.access.authorizer.count).toBe(1)
  })

  it('names for each filter what it selects, also what another selects too', async () => {
    const scene = await Scene.open()
    await scene.ask(CreateAcls, { creations: [readTopics] })
    const { filterResults } = await scene.ask(DeleteAcls, { filters: [everything, everything] })
    expect(filterResults.map(({ matchingAcls }) => matchingAcls.length)).toEqual([1, 1])
    expect(scene.broker.access.authorizer.count).toBe(0)
  })
})
