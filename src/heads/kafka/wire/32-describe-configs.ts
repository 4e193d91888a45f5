// DescribeConfigs, API key 32.

import { api } from './api.ts'
import { array, bool, int8, int16, int32, string, struct } from './kinds.ts'

export const DescribeConfigs = api(
  { key: 32, name: 'DescribeConfigs', versions: '1-4', flexible: '4+' },
  {
    resources: array(
      struct({
        resourceType: int8(),
        resourceName: string(),
        configurationKeys: array(string()).nullable(),
      }),
    ),
    includeSynonyms: bool().default(false),
    includeDocumentation: bool().since(3).default(false),
  },
  {
    throttleTimeMs: int32().default(0),
    results: array(
      struct({
        errorCode: int16(),
        errorMessage: string().nullable().default(null),
        resourceType: int8(),
        resourceName: string(),
        configs: array(
          struct({
            name: string(),
            value: string().nullable(),
            readOnly: bool(),
            configSource: int8().default(-1),
            isSensitive: bool(),
            synonyms: array(
              struct({
                name: string(),
                value: string().nullable(),
                source: int8(),
              }),
            ),
            configType: int8().since(3).default(0),
            documentation: string().nullable().since(3),
          }),
        ),
      }),
    ),
  },
)
