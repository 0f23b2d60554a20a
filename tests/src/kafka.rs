//! Kafka, asked in its own protocol: what lies there, without Dapr in between.
//!
//! One connection to the one broker of the lane, one request at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use bytes::{Buf, Bytes, BytesMut};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::consumer_protocol_assignment::ConsumerProtocolAssignment;
use kafka_protocol::messages::describe_configs_request::{DescribeConfigsRequest, DescribeConfigsResource};
use kafka_protocol::messages::describe_groups_request::DescribeGroupsRequest;
use kafka_protocol::messages::describe_groups_response::DescribedGroup;
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchRequest, FetchTopic};
use kafka_protocol::messages::list_groups_request::ListGroupsRequest;
use kafka_protocol::messages::metadata_request::MetadataRequest;
use kafka_protocol::messages::offset_fetch_request::{OffsetFetchRequest, OffsetFetchRequestTopic};
use kafka_protocol::messages::produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData};
use kafka_protocol::messages::{BrokerId, GroupId, RequestHeader, ResponseHeader, TopicName};
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, Request, StrBytes};
use kafka_protocol::records::{
    Compression, NO_PARTITION_LEADER_EPOCH, NO_PRODUCER_EPOCH, NO_PRODUCER_ID, NO_SEQUENCE, Record as Written,
    RecordBatchDecoder, RecordBatchEncoder, RecordEncodeOptions, TimestampType,
};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::PATIENCE;

/// The number of topics among what has settings.
const TOPIC: i8 = 2;
/// Whoever reads without being a broker says so by this id.
const NO_BROKER: BrokerId = BrokerId(-1);
/// How much of a partition comes at once, in bytes.
const LARGEST_ANSWER: i32 = 8 << 20;
/// How long the broker may take to write something down, in milliseconds.
const WRITE_LIMIT_MS: i32 = 10_000;

/// A connection to the broker.
pub struct Kafka {
    stream: TcpStream,
    asked: i32,
}

/// A partition of a topic.
pub type Partition = (String, i32);

/// What somebody published.
#[derive(Debug)]
pub struct Record {
    pub partition: i32,
    pub offset: i64,
    pub key: String,
    pub value: Bytes,
}

impl Record {
    /// What it holds, if that is JSON.
    pub fn event(&self) -> Value {
        serde_json::from_slice(&self.value).unwrap_or_default()
    }

    /// The id of the event in it; empty if there is none.
    pub fn event_id(&self) -> String {
        self.event()["id"].as_str().unwrap_or_default().to_owned()
    }
}

impl Kafka {
    pub async fn connect(address: &str) -> Self {
        Self { stream: TcpStream::connect(address).await.expect("Kafka is there"), asked: 0 }
    }

    /// The topics with their numbers of partitions, without those that Kafka keeps for itself.
    pub async fn topics(&mut self) -> BTreeMap<String, usize> {
        let answer = self.ask(12, MetadataRequest::default().with_topics(None)).await;
        let topics = answer.topics.into_iter().filter(|topic| !topic.is_internal);
        topics.map(|topic| (topic.name.expect("a name").to_string(), topic.partitions.len())).collect()
    }

    /// How a topic is set up, by the names of its settings.
    pub async fn settings(&mut self, topic: &str) -> BTreeMap<String, String> {
        let topic = DescribeConfigsResource::default()
            .with_resource_type(TOPIC)
            .with_resource_name(text(topic))
            .with_configuration_keys(None);
        let answer = self.ask(4, DescribeConfigsRequest::default().with_resources(vec![topic])).await;
        let described = answer.results.into_iter().next().expect("the topic's");
        succeeded(described.error_code);
        let value = |value: Option<StrBytes>| value.map(|value| value.to_string()).unwrap_or_default();
        described.configs.into_iter().map(|setting| (setting.name.to_string(), value(setting.value))).collect()
    }

    /// The consumer groups, each with the partitions that its members read now.
    pub async fn groups(&mut self) -> BTreeMap<String, BTreeSet<Partition>> {
        let listed = self.ask(4, ListGroupsRequest::default()).await;
        succeeded(listed.error_code);
        let ids = listed.groups.into_iter().map(|group| group.group_id).collect();
        let answer = self.ask(5, DescribeGroupsRequest::default().with_groups(ids)).await;
        let read_by = |group: &DescribedGroup| {
            group.members.iter().flat_map(|member| assigned(member.member_assignment.clone())).collect()
        };
        answer.groups.iter().map(|group| (group.group_id.to_string(), read_by(group))).collect()
    }

    /// Where a group goes on in a partition; nothing if it has not read any of it.
    pub async fn committed(&mut self, group: &str, (topic, partition): &Partition) -> Option<i64> {
        let topic = OffsetFetchRequestTopic::default()
            .with_name(TopicName(text(topic)))
            .with_partition_indexes(vec![*partition]);
        let request = OffsetFetchRequest::default().with_group_id(GroupId(text(group))).with_topics(Some(vec![topic]));
        let answer = self.ask(7, request).await;
        succeeded(answer.error_code);
        let offset = answer.topics[0].partitions[0].committed_offset;
        (offset >= 0).then_some(offset)
    }

    /// Everything that a topic holds: each partition in its order.
    pub async fn records(&mut self, topic: &str) -> Vec<Record> {
        let partitions = self.topics().await[topic];
        let mut records = Vec::new();
        for partition in 0..i32::try_from(partitions).expect("a few") {
            records.extend(self.records_of(&(topic.to_owned(), partition)).await);
        }
        records
    }

    /// Everything that a partition holds, in its order.
    pub async fn records_of(&mut self, partition: &Partition) -> Vec<Record> {
        let (mut records, mut next) = (Vec::new(), 0);
        loop {
            let (read, end) = self.fetch(partition, next).await;
            // A batch comes as a whole, with what lies before the offset that was asked for.
            let from = next;
            for record in read.into_iter().filter(|record| record.offset >= from) {
                let (partition, offset) = (partition.1, record.offset);
                let key = String::from_utf8_lossy(&record.key.unwrap_or_default()).into_owned();
                records.push(Record { partition, offset, key, value: record.value.unwrap_or_default() });
                next = offset + 1;
            }
            if next >= end {
                return records;
            }
        }
    }

    /// Where a partition ends: the offset that the next record gets.
    pub async fn end(&mut self, partition: &Partition) -> i64 {
        self.fetch(partition, 0).await.1
    }

    /// Records from an offset on, not necessarily all, and where the partition ends.
    async fn fetch(&mut self, (topic, partition): &Partition, from: i64) -> (Vec<Written>, i64) {
        let partition = FetchPartition::default()
            .with_partition(*partition)
            .with_fetch_offset(from)
            .with_partition_max_bytes(LARGEST_ANSWER);
        let topic = FetchTopic::default().with_topic(TopicName(text(topic))).with_partitions(vec![partition]);
        let request =
            FetchRequest::default().with_replica_id(NO_BROKER).with_max_bytes(LARGEST_ANSWER).with_topics(vec![topic]);
        let answer = self.ask(12, request).await;
        succeeded(answer.error_code);
        let partition = &answer.responses[0].partitions[0];
        succeeded(partition.error_code);
        let mut batches = partition.records.clone().unwrap_or_default();
        let sets = RecordBatchDecoder::decode_all(&mut batches).expect("records");
        (sets.into_iter().flat_map(|set| set.records).collect(), partition.high_watermark)
    }

    /// Puts anything at all into a partition.
    pub async fn send(&mut self, (topic, partition): &Partition, key: &str, value: &str) {
        let options = RecordEncodeOptions { version: 2, compression: Compression::None };
        let mut batch = BytesMut::new();
        RecordBatchEncoder::encode(&mut batch, [&to_write(key, value)], &options).expect("a batch");
        let data = PartitionProduceData::default().with_index(*partition).with_records(Some(batch.freeze()));
        let topic = TopicProduceData::default().with_name(TopicName(text(topic))).with_partition_data(vec![data]);
        let request =
            ProduceRequest::default().with_acks(-1).with_timeout_ms(WRITE_LIMIT_MS).with_topic_data(vec![topic]);
        let answer = self.ask(9, request).await;
        succeeded(answer.responses[0].partition_responses[0].error_code);
    }

    /// Sends what has a length, and reads what has one.
    async fn exchange(&mut self, frame: &[u8]) -> io::Result<Vec<u8>> {
        self.stream.write_u32(u32::try_from(frame.len()).expect("a short request")).await?;
        self.stream.write_all(frame).await?;
        let length = self.stream.read_u32().await?;
        let mut answer = vec![0; length as usize];
        self.stream.read_exact(&mut answer).await?;
        Ok(answer)
    }

    /// Sends a request in this version of its format, and reads the answer.
    async fn ask<R: Request>(&mut self, version: i16, request: R) -> R::Response {
        self.asked += 1;
        let header = RequestHeader::default()
            .with_request_api_key(R::KEY)
            .with_request_api_version(version)
            .with_correlation_id(self.asked);
        let mut frame = BytesMut::new();
        header.encode(&mut frame, R::header_version(version)).expect("a header");
        request.encode(&mut frame, version).expect("a request");
        let answer = timeout(PATIENCE, self.exchange(&frame)).await.expect("Kafka answers in time");
        let mut answer = Bytes::from(answer.expect("an answer"));
        let header = ResponseHeader::decode(&mut answer, R::Response::header_version(version)).expect("a header");
        assert_eq!(header.correlation_id, self.asked, "the answer to another question");
        R::Response::decode(&mut answer, version).expect("an answer")
    }
}

/// The partitions of a member of a group, as the protocol between consumers writes them: after a version of their own.
fn assigned(mut assignment: Bytes) -> Vec<Partition> {
    if assignment.is_empty() {
        return Vec::new();
    }
    let version = assignment.get_i16();
    let assignment = ConsumerProtocolAssignment::decode(&mut assignment, version).expect("an assignment");
    let topics = assignment.assigned_partitions.into_iter();
    topics.flat_map(|one| one.partitions.into_iter().map(move |partition| (one.topic.to_string(), partition))).collect()
}

fn to_write(key: &str, value: &str) -> Written {
    Written {
        transactional: false,
        control: false,
        delete_horizon: false,
        partition_leader_epoch: NO_PARTITION_LEADER_EPOCH,
        producer_id: NO_PRODUCER_ID,
        producer_epoch: NO_PRODUCER_EPOCH,
        timestamp_type: TimestampType::Creation,
        offset: 0,
        sequence: NO_SEQUENCE,
        timestamp: jiff::Timestamp::now().as_millisecond(),
        key: Some(Bytes::copy_from_slice(key.as_bytes())),
        value: Some(Bytes::copy_from_slice(value.as_bytes())),
        headers: Default::default(),
    }
}

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

#[track_caller]
fn succeeded(code: i16) {
    assert_eq!(code, 0, "Kafka refuses: {:?}", ResponseError::try_from_code(code));
}
