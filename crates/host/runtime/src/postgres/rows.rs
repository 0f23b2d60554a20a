//! Rows on their way from Postgres. A type that Spin has no value for arrives as its raw bytes.

use std::error::Error as StdError;

use jiff::civil::{Date, DateTime, Time};
use postgres_protocol::types::{self as wire, Range as WireRange, RangeBound as WireBound};
use rust_decimal::Decimal;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Type};
use uuid::Uuid;

use crate::spin::spin::postgres::postgres::{
    Column, DbDataType, DbValue, Error, Interval, QueryError, RangeBoundKind, RowSet,
};

type ReadError = Box<dyn StdError + Sync + Send>;

/// The rows of a query, as a component gets them; without rows there are no columns either, as in Spin.
///
/// # Errors
/// When a column is of a type that Spin can't read: TIMESTAMPTZ.
pub fn row_set(rows: Vec<Row>) -> Result<RowSet, Error> {
    let Some(first) = rows.first() else { return Ok(RowSet { columns: Vec::new(), rows: Vec::new() }) };
    let column = |column: &tokio_postgres::Column| Column {
        name: column.name().to_owned(),
        data_type: data_type(column.type_()),
    };
    let columns = first.columns().iter().map(column).collect();
    let rows = rows.iter().map(|row| (0..row.len()).map(|index| value(row, index)).collect::<Result<Vec<_>, _>>());
    let rows = rows.collect::<Result<_, tokio_postgres::Error>>();
    let rows = rows.map_err(|error| Error::QueryFailed(QueryError::Text(error.to_string())))?;
    Ok(RowSet { columns, rows })
}

fn data_type(ty: &Type) -> DbDataType {
    match *ty {
        Type::BOOL => DbDataType::Boolean,
        Type::BYTEA => DbDataType::Binary,
        Type::FLOAT4 => DbDataType::Floating32,
        Type::FLOAT8 => DbDataType::Floating64,
        Type::INT2 => DbDataType::Int16,
        Type::INT4 => DbDataType::Int32,
        Type::INT8 => DbDataType::Int64,
        Type::TEXT | Type::VARCHAR | Type::BPCHAR => DbDataType::Str,
        Type::DATE => DbDataType::Date,
        Type::TIME => DbDataType::Time,
        Type::TIMESTAMP | Type::TIMESTAMPTZ => DbDataType::Datetime,
        Type::UUID => DbDataType::Uuid,
        Type::JSONB => DbDataType::Jsonb,
        Type::NUMERIC => DbDataType::Decimal,
        Type::INT4_RANGE => DbDataType::RangeInt32,
        Type::INT8_RANGE => DbDataType::RangeInt64,
        Type::NUM_RANGE => DbDataType::RangeDecimal,
        Type::INT4_ARRAY => DbDataType::ArrayInt32,
        Type::INT8_ARRAY => DbDataType::ArrayInt64,
        Type::NUMERIC_ARRAY => DbDataType::ArrayDecimal,
        Type::TEXT_ARRAY | Type::VARCHAR_ARRAY | Type::BPCHAR_ARRAY => DbDataType::ArrayStr,
        Type::INTERVAL => DbDataType::Interval,
        _ => DbDataType::Other(ty.name().to_owned()),
    }
}

fn value(row: &Row, index: usize) -> Result<DbValue, tokio_postgres::Error> {
    let ty = row.columns()[index].type_();
    match *ty {
        Type::JSONB => read(row, index, |Raw(bytes)| DbValue::Jsonb(bytes.get(1..).unwrap_or_default().to_vec())),
        Type::TEXT | Type::VARCHAR | Type::BPCHAR => read(row, index, DbValue::Str),
        Type::BOOL => read(row, index, DbValue::Boolean),
        Type::INT2 => read(row, index, DbValue::Int16),
        Type::INT4 => read(row, index, DbValue::Int32),
        Type::INT8 => read(row, index, DbValue::Int64),
        Type::FLOAT4 => read(row, index, DbValue::Floating32),
        Type::FLOAT8 => read(row, index, DbValue::Floating64),
        Type::BYTEA => read(row, index, DbValue::Binary),
        Type::UUID => read(row, index, |uuid: Uuid| DbValue::Uuid(uuid.to_string())),
        Type::NUMERIC => read(row, index, |decimal: Decimal| DbValue::Decimal(decimal.to_string())),
        Type::DATE => read(row, index, |value: Date| DbValue::Date(date(value))),
        Type::TIME => read(row, index, |value: Time| DbValue::Time(time(value))),
        // As in Spin, the second is an error: a DateTime is not read from it.
        Type::TIMESTAMP | Type::TIMESTAMPTZ => read(row, index, |value: DateTime| DbValue::Datetime(datetime(value))),
        Type::INTERVAL => read(row, index, |Span(interval)| DbValue::Interval(interval)),
        Type::INT4_ARRAY => read(row, index, DbValue::ArrayInt32),
        Type::INT8_ARRAY => read(row, index, DbValue::ArrayInt64),
        Type::TEXT_ARRAY | Type::VARCHAR_ARRAY | Type::BPCHAR_ARRAY => read(row, index, DbValue::ArrayStr),
        Type::NUMERIC_ARRAY => read(row, index, |values: Vec<Option<Decimal>>| {
            DbValue::ArrayDecimal(values.into_iter().map(|value| value.map(|decimal| decimal.to_string())).collect())
        }),
        Type::INT4_RANGE => read(row, index, |Range(lower, upper)| DbValue::RangeInt32((lower, upper))),
        Type::INT8_RANGE => read(row, index, |Range(lower, upper)| DbValue::RangeInt64((lower, upper))),
        Type::NUM_RANGE => read(row, index, |Range(lower, upper): Range<Decimal>| {
            DbValue::RangeDecimal((lower.map(decimal_bound), upper.map(decimal_bound)))
        }),
        _ => read(row, index, |Raw(bytes)| DbValue::Unsupported(bytes.to_vec())),
    }
}

fn read<'a, T: FromSql<'a>>(
    row: &'a Row,
    index: usize,
    wrap: impl FnOnce(T) -> DbValue,
) -> Result<DbValue, tokio_postgres::Error> {
    Ok(row.try_get::<_, Option<T>>(index)?.map_or(DbValue::DbNull, wrap))
}

fn date(date: Date) -> (i32, u8, u8) {
    (date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
}

fn time(time: Time) -> (u8, u8, u8, u32) {
    (
        time.hour().unsigned_abs(),
        time.minute().unsigned_abs(),
        time.second().unsigned_abs(),
        time.subsec_nanosecond().unsigned_abs(),
    )
}

fn datetime(value: DateTime) -> (i32, u8, u8, u8, u8, u8, u32) {
    let ((year, month, day), (hour, minute, second, nanosecond)) = (date(value.date()), time(value.time()));
    (year, month, day, hour, minute, second, nanosecond)
}

fn decimal_bound((value, kind): (Decimal, RangeBoundKind)) -> (String, RangeBoundKind) {
    (value.to_string(), kind)
}

/// A value of any type, as it came.
struct Raw<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, ReadError> {
        Ok(Self(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

struct Span(Interval);

impl FromSql<'_> for Span {
    fn from_sql(_: &Type, raw: &[u8]) -> Result<Self, ReadError> {
        let (micros, rest) = raw.split_first_chunk().ok_or("an interval is too short")?;
        let (days, rest) = rest.split_first_chunk().ok_or("an interval is too short")?;
        let months = rest.first_chunk().ok_or("an interval is too short")?;
        Ok(Self(Interval {
            micros: i64::from_be_bytes(*micros),
            days: i32::from_be_bytes(*days),
            months: i32::from_be_bytes(*months),
        }))
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::INTERVAL
    }
}

/// The bounds of a range; an empty one has none, as in Spin.
struct Range<T>(Option<(T, RangeBoundKind)>, Option<(T, RangeBoundKind)>);

impl<'a, T: FromSql<'a>> FromSql<'a> for Range<T> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, ReadError> {
        let bound = |bound| match bound {
            WireBound::Inclusive(Some(raw)) => Ok(Some((T::from_sql(&Type::NUMERIC, raw)?, RangeBoundKind::Inclusive))),
            WireBound::Exclusive(Some(raw)) => Ok(Some((T::from_sql(&Type::NUMERIC, raw)?, RangeBoundKind::Exclusive))),
            _ => Ok::<_, ReadError>(None),
        };
        match wire::range_from_sql(raw)? {
            WireRange::Empty => Ok(Self(None, None)),
            WireRange::Nonempty(lower, upper) => Ok(Self(bound(lower)?, bound(upper)?)),
        }
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT4_RANGE | Type::INT8_RANGE | Type::NUM_RANGE)
    }
}
