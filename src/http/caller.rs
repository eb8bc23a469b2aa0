//! Who asks, and whether they may: authentication as an argument of the handler.
//!
//! The guard has recognised the caller before any body is read; a handler that takes a
//! [`Caller<Write>`] cannot be reached by anybody else. The marker also says which quota the
//! request counts against. A handler without a caller is open to everybody, and only the probes
//! are.

use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use super::limits;
use super::problem::Problem;
use super::request::RequestId;
use crate::domain::Scope;
use crate::runtime::Route;
use crate::runtime::timing::{self, Origin};
use crate::watch::sentry::ROUTE;

/// What the guard found out about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Who {
    /// No key is configured, so it is this machine, which may do everything.
    House,
    /// The bearer of a key.
    Key {
        /// The public part of the key.
        id: String,
        /// The most it may do.
        scope: Scope,
    },
    /// Nobody: there are keys, and the request brought none.
    NoKey,
    /// Nobody: the key is unknown, revoked or expired.
    BadKey,
}

/// Why it is not known who asks; stands in the place of a [`Who`].
#[derive(Debug, Clone)]
pub(super) struct Undecided(pub(super) Problem);

/// A class of requests with a quota of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Class {
    /// Facts out.
    Read,
    /// Predictions.
    Predict,
    /// Facts in.
    Ingest,
    /// Keys, models, operation.
    Admin,
}

/// What a handler demands of its caller.
pub(super) trait Demand {
    /// The scope the caller must have.
    const SCOPE: Scope;
    /// The quota the request counts against.
    const CLASS: Class;
}

/// May read facts.
#[derive(Debug)]
pub(super) struct Read;
/// May ask for predictions.
#[derive(Debug)]
pub(super) struct Predict;
/// May bring facts.
#[derive(Debug)]
pub(super) struct Write;
/// May do everything.
#[derive(Debug)]
pub(super) struct Admin;

macro_rules! demand {
    ($($name:ident: $scope:ident, $class:ident;)+) => {$(
        impl Demand for $name {
            const SCOPE: Scope = Scope::$scope;
            const CLASS: Class = Class::$class;
        }
    )+};
}

demand! {
    Read: Read, Read;
    Predict: Read, Predict;
    Write: Write, Ingest;
    Admin: Admin, Admin;
}

/// Proof that the caller may do what `D` demands.
#[derive(Debug)]
pub(super) struct Caller<D> {
    /// The public id of the caller's key; `None` without keys.
    pub(super) key: Option<String>,
    demand: PhantomData<D>,
}

impl<D: Demand> FromRequest for Caller<D> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(recognise::<D>(request))
    }
}

fn recognise<D: Demand>(request: &HttpRequest) -> Result<Caller<D>, Problem> {
    tell_origin(request);
    let who = who(request)?;
    limits::count(request, &who, D::CLASS)?;
    let key = match who {
        Who::House => None,
        Who::Key { id, scope } if scope >= D::SCOPE => Some(id),
        Who::Key { scope, .. } => return Err(Problem::forbidden(scope, D::SCOPE)),
        Who::NoKey => return Err(Problem::no_key()),
        Who::BadKey => return Err(Problem::bad_key()),
    };
    Ok(Caller {
        key,
        demand: PhantomData,
    })
}

/// The request has come to its place; what it has done from here on is done for that.
fn tell_origin(request: &HttpRequest) {
    if let Some(route) = request.app_data::<Arc<Route>>() {
        tracing::trace!(target: ROUTE, route = route.template());
        timing::came_from(Origin {
            route: route.template(),
            request_id: RequestId::given(&request.extensions()),
        });
    }
}

fn who(request: &HttpRequest) -> Result<Who, Problem> {
    let extensions = request.extensions();
    if let Some(who) = extensions.get::<Who>() {
        return Ok(who.clone());
    }
    let undecided = extensions.get::<Undecided>();
    let unguarded = || Problem::internal(&"no guard stood before this handler");
    Err(undecided.map_or_else(unguarded, |why| why.0.clone()))
}
