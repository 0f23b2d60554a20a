//! `/api/auth/me`: the user's own profile.

use http::StatusCode;
use rondo_domain::ValueError;
use rondo_domain::user::{Name, Password, ZoneName};
use rondo_ports::Platform;
use rondo_store::user::{self as users, PasswordChange, UserPatch};

use super::{Identity, identify, password};
use crate::{Problem, Reply, Request};

/// `GET /api/auth/me`.
pub(super) async fn show<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    request.query().finish(())?;
    let user = users::get(platform, identity.user).await?.ok_or_else(gone)?;
    Ok(Reply::raw(StatusCode::OK, user))
}

fn gone() -> Problem {
    Problem::unauthorized("There is no such account any more.")
}

struct ProfileChange {
    patch: UserPatch,
    password: Option<(Password, String)>,
}

/// `PATCH /api/auth/me`.
pub(super) async fn change<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    let ProfileChange { mut patch, password } = profile_change(request)?;
    if let Some((new, current)) = password {
        patch.password = Some(new_password(platform, identity, &new, &current).await?);
    }
    let user = users::change(platform, identity.user, &patch).await?.ok_or_else(|| {
        Problem::conflict("The password was changed by somebody else at the same moment. Try again with the new one.")
    })?;
    Ok(Reply::raw(StatusCode::OK, user))
}

fn profile_change(request: &Request) -> Result<ProfileChange, Problem> {
    let mut form = request.merge_patch()?;
    let patch = UserPatch {
        name: form.clearable("name", Name::parse),
        zone: form.optional("timezone", ZoneName::parse),
        password: None,
    };
    let new = form.optional("password", Password::parse);
    let current = form.optional("current_password", |text| {
        if text.is_empty() { Err(ValueError::new("must not be empty")) } else { Ok(text.to_owned()) }
    });
    if new.is_some() && current.is_none() {
        form.fail("current_password", "is required to set a new password");
    }
    form.finish(Some(ProfileChange { patch, password: new.zip(current) }))
}

async fn new_password<P: Platform>(
    platform: &P,
    identity: Identity,
    new: &Password,
    current: &str,
) -> Result<PasswordChange, Problem> {
    let check = users::password(platform, identity.user, password::LIMITS).await?;
    let hashing = || {
        let replaces = check.password_hash.ok_or_else(gone)?;
        if !password::matches(current.as_bytes(), Some(&replaces)) {
            return Err(Problem::invalid_value("current_password", "is wrong"));
        }
        Ok(PasswordChange { replaces, hash: password::hash(platform, new)?, keep_session: identity.session })
    };
    password::in_turn(platform, check.turn, hashing).await?
}
