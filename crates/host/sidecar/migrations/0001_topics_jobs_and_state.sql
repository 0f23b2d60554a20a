-- The schema of the embedded sidecar: what Kafka, the scheduler and the state store keep in a cluster.

create table dapr.topic_partitions (
    pubsub text not null,
    topic text not null,
    partition integer not null,
    next_offset bigint not null,
    primary key (pubsub, topic, partition)
);
comment on table dapr.topic_partitions is
    'Bumped by the statement that stores messages: its row lock makes offsets commit in their order.';

create table dapr.messages (
    pubsub text not null,
    topic text not null,
    partition integer not null,
    "offset" bigint not null,
    key text,
    headers jsonb not null,
    payload bytea not null,
    published_at timestamptz not null default clock_timestamp(),
    primary key (pubsub, topic, partition, "offset")
);
create index messages_by_age on dapr.messages (topic, published_at);

create table dapr.consumer_offsets (
    app_id text not null,
    pubsub text not null,
    topic text not null,
    partition integer not null,
    next_offset bigint not null,
    primary key (app_id, pubsub, topic, partition)
);

create table dapr.jobs (
    app_id text not null,
    name text not null,
    request json not null,
    -- Changes with every registration, so that a callback of an older one can't finish this one.
    registration uuid not null,
    -- The occurrence that comes next, and when its next try is.
    occurrence_at timestamptz not null,
    fire_at timestamptz not null,
    occurrences_done integer not null,
    failures integer not null,
    expires_at timestamptz,
    -- Which sidecar session is calling the app with it, and when nobody believes it any longer.
    claimed_by integer,
    claimed_until timestamptz,
    primary key (app_id, name),
    constraint a_claim_has_an_end check ((claimed_by is null) = (claimed_until is null))
);
create index jobs_by_time on dapr.jobs (fire_at);
create index unclaimed_jobs_by_time on dapr.jobs (fire_at) where claimed_by is null;

create table dapr.state (
    store text not null,
    key text not null,
    value text not null,
    etag uuid not null default gen_random_uuid(),
    expires_at timestamptz,
    primary key (store, key)
);
create index state_that_expires on dapr.state (expires_at) where expires_at is not null;
