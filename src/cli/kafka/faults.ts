// What a broker's error code means for somebody at a command line: the exit code, a sentence, and whether the same
// request may succeed later (Kafka protocol guide, "Error codes"). The numbers are checked against the head's table
// when this is compiled; only its types are imported, because the table itself brings the broker along.

import type { KafkaErrorName, kafkaErrors } from '../../heads/kafka/errors.ts'
import { CommandError, type ExitName } from '../exit.ts'

/** Whether to ask again: 'later' as it is, 'elsewhere' after asking who leads or coordinates now. */
export type Retry = 'no' | 'later' | 'elsewhere'

type Row<Code extends number> = readonly [code: Code, exit: ExitName, retry: Retry, text: string]

const table = {
  UNKNOWN_SERVER_ERROR: [-1, 'tryAgain', 'no', 'the broker met an unexpected error; its log says more'],
  OFFSET_OUT_OF_RANGE: [1, 'notFound', 'no', 'the offset is outside of what the partition holds'],
  CORRUPT_MESSAGE: [2, 'tryAgain', 'later', 'the records were damaged on the way'],
  UNKNOWN_TOPIC_OR_PARTITION: [3, 'notFound', 'no', 'there is no such topic or partition'],
  LEADER_NOT_AVAILABLE: [5, 'tryAgain', 'elsewhere', 'the partition has no leader at the moment'],
  NOT_LEADER_OR_FOLLOWER: [6, 'tryAgain', 'elsewhere', 'the partition is led by another broker now'],
  REQUEST_TIMED_OUT: [7, 'tryAgain', 'later', 'the broker did not finish in time'],
  BROKER_NOT_AVAILABLE: [8, 'tryAgain', 'elsewhere', 'the broker is not available'],
  REPLICA_NOT_AVAILABLE: [9, 'tryAgain', 'elsewhere', 'a replica is not available'],
  MESSAGE_TOO_LARGE: [10, 'notFound', 'no', 'the record is larger than max.message.bytes of the topic'],
  NETWORK_EXCEPTION: [13, 'tryAgain', 'elsewhere', 'the broker lost a connection'],
  COORDINATOR_LOAD_IN_PROGRESS: [14, 'tryAgain', 'later', 'the coordinator is still loading'],
  COORDINATOR_NOT_AVAILABLE: [15, 'tryAgain', 'elsewhere', 'there is no coordinator at the moment'],
  NOT_COORDINATOR: [16, 'tryAgain', 'elsewhere', 'another broker is the coordinator now'],
  INVALID_TOPIC_EXCEPTION: [17, 'notFound', 'no', 'that is not a valid topic name'],
  RECORD_LIST_TOO_LARGE: [18, 'notFound', 'no', 'the batch is larger than a segment of the topic'],
  NOT_ENOUGH_REPLICAS: [19, 'tryAgain', 'later', 'fewer replicas are in sync than min.insync.replicas'],
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: [20, 'tryAgain', 'later', 'too few replicas took the records over'],
  ILLEGAL_GENERATION: [22, 'tryAgain', 'no', 'the group has been rebalanced in the meantime'],
  INCONSISTENT_GROUP_PROTOCOL: [23, 'notFound', 'no', "the group's members use another protocol than range"],
  INVALID_GROUP_ID: [24, 'notFound', 'no', 'that is not a valid group name'],
  UNKNOWN_MEMBER_ID: [25, 'tryAgain', 'no', 'the group does not know this member any more'],
  INVALID_SESSION_TIMEOUT: [26, 'notFound', 'no', 'the broker does not allow this session time-out'],
  REBALANCE_IN_PROGRESS: [27, 'tryAgain', 'no', 'the group is rebalancing'],
  TOPIC_AUTHORIZATION_FAILED: [29, 'noPermission', 'no', 'you may not do this to the topic'],
  GROUP_AUTHORIZATION_FAILED: [30, 'noPermission', 'no', 'you may not do this to the group'],
  CLUSTER_AUTHORIZATION_FAILED: [31, 'noPermission', 'no', 'you may not do this to the cluster'],
  INVALID_TIMESTAMP: [32, 'notFound', 'no', 'the topic does not take this timestamp'],
  UNSUPPORTED_SASL_MECHANISM: [33, 'noPermission', 'no', 'the broker does not offer this mechanism'],
  ILLEGAL_SASL_STATE: [34, 'noPermission', 'no', 'the broker expects no login here, or another one'],
  UNSUPPORTED_VERSION: [35, 'notFound', 'no', 'the broker does not speak this version'],
  TOPIC_ALREADY_EXISTS: [36, 'notFound', 'no', 'the topic exists already'],
  INVALID_PARTITIONS: [37, 'notFound', 'no', 'that number of partitions is not possible'],
  INVALID_REPLICATION_FACTOR: [38, 'notFound', 'no', 'that replication factor is not possible'],
  INVALID_CONFIG: [40, 'notFound', 'no', 'the setting is not valid'],
  NOT_CONTROLLER: [41, 'tryAgain', 'elsewhere', 'another broker is the controller now'],
  INVALID_REQUEST: [42, 'notFound', 'no', 'the broker does not accept the request'],
  POLICY_VIOLATION: [44, 'notFound', 'no', 'a policy of the broker forbids it'],
  OUT_OF_ORDER_SEQUENCE_NUMBER: [45, 'tryAgain', 'no', 'records before these were lost'],
  INVALID_PRODUCER_EPOCH: [47, 'tryAgain', 'no', 'another producer has taken over'],
  KAFKA_STORAGE_ERROR: [56, 'tryAgain', 'elsewhere', "the broker's disk failed"],
  SASL_AUTHENTICATION_FAILED: [58, 'noPermission', 'no', 'wrong user or password'],
  UNKNOWN_PRODUCER_ID: [59, 'tryAgain', 'no', 'the broker has forgotten this producer'],
  NON_EMPTY_GROUP: [68, 'tryAgain', 'no', 'the group has members: stop its consumers first'],
  GROUP_ID_NOT_FOUND: [69, 'notFound', 'no', 'there is no such group'],
  TOPIC_DELETION_DISABLED: [
    73,
    'noPermission',
    'no',
    'the broker does not delete topics (delete.topic.enable)',
  ],
  FENCED_LEADER_EPOCH: [74, 'tryAgain', 'elsewhere', 'the partition has a newer leader'],
  UNKNOWN_LEADER_EPOCH: [75, 'tryAgain', 'elsewhere', 'the broker does not know of the leader yet'],
  UNSUPPORTED_COMPRESSION_TYPE: [76, 'notFound', 'no', 'the broker does not know this codec'],
  OFFSET_NOT_AVAILABLE: [78, 'tryAgain', 'later', 'the new leader does not know its end yet'],
  MEMBER_ID_REQUIRED: [79, 'tryAgain', 'no', 'the group wants a member id'],
  GROUP_MAX_SIZE_REACHED: [81, 'tryAgain', 'no', 'the group has as many members as it may have'],
  GROUP_SUBSCRIBED_TO_TOPIC: [
    86,
    'tryAgain',
    'no',
    'the group is consuming the topic: stop its consumers first',
  ],
  INVALID_RECORD: [
    87,
    'notFound',
    'no',
    'the broker does not accept a record (does a compacted topic miss keys?)',
  ],
  THROTTLING_QUOTA_EXCEEDED: [89, 'tryAgain', 'later', 'a quota is exhausted'],
  RESOURCE_NOT_FOUND: [91, 'notFound', 'no', 'there is no such thing'],
  UNKNOWN_TOPIC_ID: [100, 'tryAgain', 'elsewhere', 'the topic has been deleted, or created anew'],
  INCONSISTENT_TOPIC_ID: [103, 'tryAgain', 'elsewhere', 'the topic has been created anew'],
} as const satisfies { readonly [Name in KafkaErrorName]?: Row<(typeof kafkaErrors)[Name]> }

/** The names of the errors that this client knows. */
export type FaultName = keyof typeof table

const rows = new Map(Object.entries(table).map(([name, row]) => [row[0] as number, { name, row }] as const))

/** A broker's refusal, told to the user as a sentence. */
export class BrokerFault extends CommandError {
  /** The protocol's number. */
  readonly code: number
  readonly retry: Retry

  /** `what` names what was asked for: 'topic orders'. */
  constructor(code: number, what: string, detail?: string | null) {
    const known = rows.get(code)
    const [, exit = 'tryAgain', retry = 'no', text = 'the broker refused'] = known?.row ?? []
    super(exit, `${what}: ${detail || text} (${known?.name ?? `error ${code}`})`)
    this.code = code
    this.retry = retry
  }

  is(...names: readonly FaultName[]): boolean {
    return names.some(name => table[name][0] === this.code)
  }
}

/** A connection that could not be opened, or that ended before the answer came. */
export class ConnectionFault extends CommandError {
  readonly retry: Retry = 'elsewhere'

  constructor(message: string, cause?: unknown, next?: string) {
    super('unreachable', message, next, cause)
  }
}

/** Throws BrokerFault unless the code is 0. */
export function check(code: number, what: string, detail?: string | null): void {
  if (code !== 0) throw new BrokerFault(code, what, detail)
}

/** Whether what failed may succeed later, and where. */
export function retryOf(error: unknown): Retry {
  return error instanceof BrokerFault || error instanceof ConnectionFault ? error.retry : 'no'
}
