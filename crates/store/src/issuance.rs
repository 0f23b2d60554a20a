//! Secrets that are shown once and kept as what they hash to (API tokens, calendar feeds): how one is made.

use rondo_ports::{Sql, SqlError};
use serde::Deserialize;

use crate::RawJson;

/// The statement that makes one, if the user has room for it. Parameters: the user, the id, the hash in hex, how many a user
/// has at most, the idempotency key and its request's hash; from `$7` on, those of `values`.
///
/// A refusal for want of room claims no key, so that the same request can be made again when there is room.
macro_rules! issue {
    (into $table:literal, $columns:literal: $values:literal, shown as $($document:tt)*) => {
        concat!(
            "
            with room as materialized (
                select (select count(*) from ",
            $table,
            " where user_id = $1::text::uuid) < $4::text::int as free
            ),
            claim as materialized (
                select free, case
                    when free or exists (select from idempotency_keys where user_id = $1::text::uuid and key = $5::text)
                    then claim_idempotency_key($1::text::uuid, $5::text, decode($6::text, 'hex'))
                end as earlier
                from room
            ),
            created as (
                insert into ",
            $table,
            " (user_id, id, token_hash",
            $columns,
            ")
                select $1::text::uuid, $2::text::uuid, decode($3::text, 'hex')",
            $values,
            "
                from claim
                where earlier is null and free
                returning *
            ),
            made as materialized (
                select ",
            $($document)*,
            " as document, $3::text as hash from created
            ),
            kept as materialized (
                select keep_reply($1::text::uuid, $5::text, to_json(made)) from made where $5::text is not null
            )
            select coalesce(
                (select earlier from claim),
                (select json_build_object('outcome', 'made', 'reply', to_json(made)) from made left join kept on true),
                json_build_object('outcome', 'no_room')
            )::text"
        )
    };
}
pub(crate) use issue;

/// What came of making a secret.
#[derive(Debug)]
pub enum Issuance {
    /// It is there: made now, or by the same request before.
    Made {
        /// What the API shows of it, without the secret.
        document: RawJson,
        /// SHA-256 of the secret, in hex: by it the secret of one that was made before is told.
        hash: String,
    },
    /// The key had been used for another request.
    KeyReused,
    /// The user has as many as one may have.
    NoRoom,
}

#[derive(Deserialize)]
struct IssuanceDocument {
    outcome: Outcome,
    reply: Option<Made>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Made,
    Replayed,
    KeyReused,
    NoRoom,
}

#[derive(Deserialize)]
struct Made {
    // As kept replies have it that are older than this.
    #[serde(alias = "token", alias = "feed")]
    document: RawJson,
    hash: String,
}

/// Runs a statement that [`issue`] wrote.
pub(crate) async fn run(sql: &impl Sql, statement: &str, parameters: &[Option<&str>]) -> Result<Issuance, SqlError> {
    let document: IssuanceDocument = sql.call(statement, parameters).await?.read()?;
    Ok(match (document.outcome, document.reply) {
        (Outcome::Made | Outcome::Replayed, Some(Made { document, hash })) => Issuance::Made { document, hash },
        (Outcome::NoRoom, _) => Issuance::NoRoom,
        (Outcome::KeyReused, _) | (_, None) => Issuance::KeyReused,
    })
}
