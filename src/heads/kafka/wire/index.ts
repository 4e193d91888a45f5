// Every API that is served, in the order of the keys: what ApiVersions advertises is made from this table.

import { Produce } from './00-produce.ts'
import { Fetch } from './01-fetch.ts'
import { ListOffsets } from './02-list-offsets.ts'
import { Metadata } from './03-metadata.ts'
import { OffsetCommit } from './08-offset-commit.ts'
import { OffsetFetch } from './09-offset-fetch.ts'
import { FindCoordinator } from './10-find-coordinator.ts'
import { JoinGroup } from './11-join-group.ts'
import { Heartbeat } from './12-heartbeat.ts'
import { LeaveGroup } from './13-leave-group.ts'
import { SyncGroup } from './14-sync-group.ts'
import { DescribeGroups } from './15-describe-groups.ts'
import { ListGroups } from './16-list-groups.ts'
import { SaslHandshake } from './17-sasl-handshake.ts'
import { ApiVersions } from './18-api-versions.ts'
import { CreateTopics } from './19-create-topics.ts'
import { DeleteTopics } from './20-delete-topics.ts'
import { DeleteRecords } from './21-delete-records.ts'
import { InitProducerId } from './22-init-producer-id.ts'
import { OffsetForLeaderEpoch } from './23-offset-for-leader-epoch.ts'
import { AddPartitionsToTxn } from './24-add-partitions-to-txn.ts'
import { AddOffsetsToTxn } from './25-add-offsets-to-txn.ts'
import { EndTxn } from './26-end-txn.ts'
import { TxnOffsetCommit } from './28-txn-offset-commit.ts'
import { DescribeAcls } from './29-describe-acls.ts'
import { CreateAcls } from './30-create-acls.ts'
import { DeleteAcls } from './31-delete-acls.ts'
import { DescribeConfigs } from './32-describe-configs.ts'
import { AlterConfigs } from './33-alter-configs.ts'
import { AlterReplicaLogDirs } from './34-alter-replica-log-dirs.ts'
import { DescribeLogDirs } from './35-describe-log-dirs.ts'
import { SaslAuthenticate } from './36-sasl-authenticate.ts'
import { CreatePartitions } from './37-create-partitions.ts'
import { DeleteGroups } from './42-delete-groups.ts'
import { ElectLeaders } from './43-elect-leaders.ts'
import { IncrementalAlterConfigs } from './44-incremental-alter-configs.ts'
import { AlterPartitionReassignments } from './45-alter-partition-reassignments.ts'
import { ListPartitionReassignments } from './46-list-partition-reassignments.ts'
import { OffsetDelete } from './47-offset-delete.ts'
import { DescribeClientQuotas } from './48-describe-client-quotas.ts'
import { AlterClientQuotas } from './49-alter-client-quotas.ts'
import { DescribeUserScramCredentials } from './50-describe-user-scram-credentials.ts'
import { AlterUserScramCredentials } from './51-alter-user-scram-credentials.ts'
import { DescribeQuorum } from './55-describe-quorum.ts'
import { UpdateFeatures } from './57-update-features.ts'
import { DescribeCluster } from './60-describe-cluster.ts'
import { DescribeProducers } from './61-describe-producers.ts'
import { DescribeTransactions } from './65-describe-transactions.ts'
import { ListTransactions } from './66-list-transactions.ts'
import { ConsumerGroupHeartbeat } from './68-consumer-group-heartbeat.ts'
import { ConsumerGroupDescribe } from './69-consumer-group-describe.ts'
import { ListConfigResources } from './74-list-config-resources.ts'
import { DescribeTopicPartitions } from './75-describe-topic-partitions.ts'
import { ShareGroupHeartbeat } from './76-share-group-heartbeat.ts'
import { ShareGroupDescribe } from './77-share-group-describe.ts'
import { ShareFetch } from './78-share-fetch.ts'
import { ShareAcknowledge } from './79-share-acknowledge.ts'
import { DescribeShareGroupOffsets } from './90-describe-share-group-offsets.ts'
import { AlterShareGroupOffsets } from './91-alter-share-group-offsets.ts'
import { DeleteShareGroupOffsets } from './92-delete-share-group-offsets.ts'
import type { Api } from './api.ts'

export {
  AddOffsetsToTxn,
  AddPartitionsToTxn,
  AlterClientQuotas,
  AlterConfigs,
  AlterPartitionReassignments,
  AlterReplicaLogDirs,
  AlterShareGroupOffsets,
  AlterUserScramCredentials,
  ApiVersions,
  ConsumerGroupDescribe,
  ConsumerGroupHeartbeat,
  CreateAcls,
  CreatePartitions,
  CreateTopics,
  DeleteAcls,
  DeleteGroups,
  DeleteRecords,
  DeleteShareGroupOffsets,
  DeleteTopics,
  DescribeAcls,
  DescribeClientQuotas,
  DescribeCluster,
  DescribeConfigs,
  DescribeGroups,
  DescribeLogDirs,
  DescribeProducers,
  DescribeQuorum,
  DescribeShareGroupOffsets,
  DescribeTopicPartitions,
  DescribeTransactions,
  DescribeUserScramCredentials,
  ElectLeaders,
  EndTxn,
  Fetch,
  FindCoordinator,
  Heartbeat,
  IncrementalAlterConfigs,
  InitProducerId,
  JoinGroup,
  LeaveGroup,
  ListConfigResources,
  ListGroups,
  ListOffsets,
  ListPartitionReassignments,
  ListTransactions,
  Metadata,
  OffsetCommit,
  OffsetDelete,
  OffsetFetch,
  OffsetForLeaderEpoch,
  Produce,
  SaslAuthenticate,
  SaslHandshake,
  ShareAcknowledge,
  ShareFetch,
  ShareGroupDescribe,
  ShareGroupHeartbeat,
  SyncGroup,
  TxnOffsetCommit,
  UpdateFeatures,
}

export const apis: readonly Api[] = [
  Produce as Api,
  Fetch as Api,
  ListOffsets as Api,
  Metadata as Api,
  OffsetCommit as Api,
  OffsetFetch as Api,
  FindCoordinator as Api,
  JoinGroup as Api,
  Heartbeat as Api,
  LeaveGroup as Api,
  SyncGroup as Api,
  DescribeGroups as Api,
  ListGroups as Api,
  SaslHandshake as Api,
  ApiVersions as Api,
  CreateTopics as Api,
  DeleteTopics as Api,
  DeleteRecords as Api,
  InitProducerId as Api,
  OffsetForLeaderEpoch as Api,
  AddPartitionsToTxn as Api,
  AddOffsetsToTxn as Api,
  EndTxn as Api,
  TxnOffsetCommit as Api,
  DescribeAcls as Api,
  CreateAcls as Api,
  DeleteAcls as Api,
  DescribeConfigs as Api,
  AlterConfigs as Api,
  AlterReplicaLogDirs as Api,
  DescribeLogDirs as Api,
  SaslAuthenticate as Api,
  CreatePartitions as Api,
  DeleteGroups as Api,
  ElectLeaders as Api,
  IncrementalAlterConfigs as Api,
  AlterPartitionReassignments as Api,
  ListPartitionReassignments as Api,
  OffsetDelete as Api,
  DescribeClientQuotas as Api,
  AlterClientQuotas as Api,
  DescribeUserScramCredentials as Api,
  AlterUserScramCredentials as Api,
  DescribeQuorum as Api,
  UpdateFeatures as Api,
  DescribeCluster as Api,
  DescribeProducers as Api,
  DescribeTransactions as Api,
  ListTransactions as Api,
  ConsumerGroupHeartbeat as Api,
  ConsumerGroupDescribe as Api,
  ListConfigResources as Api,
  DescribeTopicPartitions as Api,
  ShareGroupHeartbeat as Api,
  ShareGroupDescribe as Api,
  ShareFetch as Api,
  ShareAcknowledge as Api,
  DescribeShareGroupOffsets as Api,
  AlterShareGroupOffsets as Api,
  DeleteShareGroupOffsets as Api,
]

const byKey = new Map(apis.map(api => [api.key, api]))

/** The API of a key; undefined when it is not served. */
export function apiOf(key: number): Api | undefined {
  return byKey.get(key)
}
