//! Parameters on their way to Postgres. As in Spin, a value binds only to the type that it is: a text to text, an int64 to
//! int8; the server says what type it wants, and anything else is an error.

use std::error::Error as StdError;

use bytes::{BufMut, BytesMut};
use jiff::civil::{Date, DateTime, Time};
use postgres_protocol::IsNull as WireNull;
use postgres_protocol::types::{self as wire, RangeBound as WireBound};
use rust_decimal::Decimal;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use uuid::Uuid;

use crate::spin::spin::postgres::postgres::{Error, Interval, ParameterValue, RangeBoundKind};

/// A parameter that knows how it is written.
pub type Parameter = Box<dyn ToSql + Send + Sync>;

type WriteResult = Result<IsNull, Box<dyn StdError + Sync + Send>>;
type Bound<T> = Option<(T, RangeBoundKind)>;

/// Understands the values of a component.
///
/// # Errors
/// `bad-parameter` when a value is none, such as a date in a 13th month.
pub fn parameters(values: &[ParameterValue]) -> Result<Vec<Parameter>, Error> {
    values.iter().map(parameter).collect()
}

fn parameter(value: &ParameterValue) -> Result<Parameter, Error> {
    Ok(match value {
        ParameterValue::Boolean(value) => Box::new(*value),
        ParameterValue::Int8(value) => Box::new(*value),
        ParameterValue::Int16(value) => Box::new(*value),
        ParameterValue::Int32(value) => Box::new(*value),
        ParameterValue::Int64(value) | ParameterValue::Timestamp(value) => Box::new(*value),
        ParameterValue::Floating32(value) => Box::new(*value),
        ParameterValue::Floating64(value) => Box::new(*value),
        ParameterValue::Str(value) => Box::new(value.clone()),
        ParameterValue::Binary(value) => Box::new(value.clone()),
        ParameterValue::Date(value) => Box::new(date(*value)?),
        ParameterValue::Time(value) => Box::new(time(*value)?),
        ParameterValue::Datetime((year, month, day, hour, minute, second, nanosecond)) => {
            Box::new(DateTime::from_parts(date((*year, *month, *day))?, time((*hour, *minute, *second, *nanosecond))?))
        }
        ParameterValue::Uuid(value) => Box::new(Uuid::parse_str(value).map_err(bad)?),
        ParameterValue::Jsonb(value) => Box::new(Json(value.clone())),
        ParameterValue::Decimal(value) => Box::new(decimal(value)?),
        ParameterValue::RangeInt32((lower, upper)) => {
            Box::new(Range { lower: *lower, upper: *upper, of: &[Type::INT4_RANGE] })
        }
        ParameterValue::RangeInt64((lower, upper)) => {
            Box::new(Range { lower: *lower, upper: *upper, of: &[Type::INT8_RANGE] })
        }
        ParameterValue::RangeDecimal((lower, upper)) => {
            Box::new(Range { lower: decimal_bound(lower)?, upper: decimal_bound(upper)?, of: &[Type::NUM_RANGE] })
        }
        ParameterValue::ArrayInt32(values) => Box::new(values.clone()),
        ParameterValue::ArrayInt64(values) => Box::new(values.clone()),
        ParameterValue::ArrayDecimal(values) => {
            let decimals = values.iter().map(|value| value.as_deref().map(decimal).transpose());
            Box::new(decimals.collect::<Result<Vec<_>, _>>()?)
        }
        ParameterValue::ArrayStr(values) => Box::new(values.clone()),
        ParameterValue::Interval(value) => Box::new(Span(*value)),
        ParameterValue::DbNull => Box::new(Null),
    })
}

fn bad(error: impl std::fmt::Display) -> Error {
    Error::BadParameter(error.to_string())
}

fn date((year, month, day): (i32, u8, u8)) -> Result<Date, Error> {
    let year = i16::try_from(year).map_err(bad)?;
    Date::new(year, small(month)?, small(day)?).map_err(bad)
}

fn time((hour, minute, second, nanosecond): (u8, u8, u8, u32)) -> Result<Time, Error> {
    let nanosecond = i32::try_from(nanosecond).map_err(bad)?;
    Time::new(small(hour)?, small(minute)?, small(second)?, nanosecond).map_err(bad)
}

fn small(number: u8) -> Result<i8, Error> {
    i8::try_from(number).map_err(bad)
}

fn decimal(text: impl AsRef<str>) -> Result<Decimal, Error> {
    text.as_ref().parse().map_err(bad)
}

fn decimal_bound(bound: &Bound<String>) -> Result<Bound<Decimal>, Error> {
    bound.as_ref().map(|(value, kind)| Ok((decimal(value)?, *kind))).transpose()
}

#[derive(Debug)]
struct Null;

impl ToSql for Null {
    fn to_sql(&self, _: &Type, _: &mut BytesMut) -> WriteResult {
        Ok(IsNull::Yes)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// Passed through: the server checks it.
#[derive(Debug)]
struct Json(Vec<u8>);

impl ToSql for Json {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> WriteResult {
        if *ty == Type::JSONB {
            out.put_u8(1);
        }
        out.put_slice(&self.0);
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::JSON | Type::JSONB)
    }

    to_sql_checked!();
}

#[derive(Debug)]
struct Span(Interval);

impl ToSql for Span {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> WriteResult {
        out.put_i64(self.0.micros);
        out.put_i32(self.0.days);
        out.put_i32(self.0.months);
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::INTERVAL
    }

    to_sql_checked!();
}

#[derive(Debug)]
struct Range<T> {
    lower: Bound<T>,
    upper: Bound<T>,
    of: &'static [Type],
}

impl<T: ToSql> Range<T> {
    fn write_bound(
        bound: &Bound<T>,
        out: &mut BytesMut,
    ) -> Result<WireBound<WireNull>, Box<dyn StdError + Sync + Send>> {
        let Some((value, kind)) = bound else { return Ok(WireBound::Unbounded) };
        value.to_sql(&Type::NUMERIC, out)?;
        Ok(match kind {
            RangeBoundKind::Inclusive => WireBound::Inclusive(WireNull::No),
            RangeBoundKind::Exclusive => WireBound::Exclusive(WireNull::No),
        })
    }
}

impl<T: ToSql> ToSql for Range<T> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> WriteResult {
        wire::range_to_sql(|out| Self::write_bound(&self.lower, out), |out| Self::write_bound(&self.upper, out), out)?;
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT4_RANGE | Type::INT8_RANGE | Type::NUM_RANGE)
    }

    fn to_sql_checked(&self, ty: &Type, out: &mut BytesMut) -> WriteResult {
        if !self.of.contains(ty) {
            return Err(Box::new(tokio_postgres::types::WrongType::new::<Self>(ty.clone())));
        }
        self.to_sql(ty, out)
    }
}
