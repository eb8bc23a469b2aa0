//! How much each caller may ask for: so many requests a minute in each class, counted by key.
//!
//! Who brings no good key is counted by address, so guessing keys ends soon. The two are counted
//! apart: a crowd of strangers cannot push out the holders of keys. A table that is full counts
//! everybody it does not know as one caller, so strangers cannot make it grow either.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::state::keyed::ShrinkableKeyedStateStore;
use governor::{Quota, RateLimiter};

use super::caller::{Class, Who};
use super::edge;
use super::problem::Problem;
use super::settings::{Quotas, Settings};

/// Callers that one table knows. Five tables of 32,768 slots of 17 bytes are 2.8 MB.
const MOST: usize = 28_000;

/// What every caller has used of its quotas.
pub(super) struct Limits<C: Clock = DefaultClock> {
    seed: RandomState,
    read: Option<Counter<C>>,
    predict: Option<Counter<C>>,
    ingest: Option<Counter<C>>,
    admin: Option<Counter<C>>,
    strangers: Option<Counter<C>>,
}

impl<C: Clock + Clone> Limits<C> {
    /// Nobody has used anything.
    pub(super) fn new(quotas: Quotas, clock: &C) -> Self {
        let counter = |name, a_minute| Counter::new(name, a_minute, clock.clone());
        Self {
            seed: RandomState::new(),
            read: counter("read", quotas.read),
            predict: counter("predict", quotas.predict),
            ingest: counter("ingest", quotas.ingest),
            admin: counter("admin", quotas.admin),
            strangers: counter("read", quotas.read),
        }
    }

    fn key(&self, id: &str, class: Class) -> Option<Standing> {
        let counter = match class {
            Class::Read => &self.read,
            Class::Predict => &self.predict,
            Class::Ingest => &self.ingest,
            Class::Admin => &self.admin,
        };
        let counter = counter.as_ref()?;
        Some(counter.take(self.seed.hash_one(id)))
    }

    /// Who has a /64 has all of its addresses.
    fn stranger(&self, peer: Option<IpAddr>) -> Option<Standing> {
        const HOST: u128 = u128::MAX >> 64;
        let peer = peer.map(|peer| match peer.to_canonical() {
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !HOST).into(),
            address @ IpAddr::V4(_) => address,
        });
        let counter = self.strangers.as_ref()?;
        Some(counter.take(self.seed.hash_one(peer)))
    }

    /// Forgets the callers whose quota is whole again.
    pub(super) fn forget(&self) {
        let counters = [
            &self.read,
            &self.predict,
            &self.ingest,
            &self.admin,
            &self.strangers,
        ];
        for counter in counters.into_iter().flatten() {
            counter.limiter.retain_recent();
        }
    }
}

/// Counts a request, before anything else is said about its caller.
pub(super) fn count(request: &HttpRequest, who: &Who, class: Class) -> Result<(), Problem> {
    let limits = request.app_data::<Data<Limits>>();
    let settings = request.app_data::<Data<Settings>>();
    let (Some(limits), Some(settings)) = (limits, settings) else {
        return Err(Problem::internal(&"nobody counts the requests"));
    };
    let standing = match who {
        Who::House => None,
        Who::Key { id, .. } => limits.key(id, class),
        Who::NoKey | Who::BadKey => limits.stranger(edge::peer(request, &settings.trusted_proxies)),
    };
    let Some(standing) = standing else {
        return Ok(());
    };
    request.extensions_mut().insert(standing);
    match standing.wait {
        None => Ok(()),
        Some(wait) => Err(Problem::rate_limited(standing.class, seconds(wait).max(1))),
    }
}

/// Forgets every ten seconds, for as long as the runtime lives.
pub(super) async fn tidy(limits: Data<Limits>) {
    let mut now_and_then = tokio::time::interval(Duration::from_secs(10));
    loop {
        now_and_then.tick().await;
        limits.forget();
    }
}

/// What a caller has left of a quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    class: &'static str,
    a_minute: u32,
    remaining: u32,
    wait: Option<Duration>,
}

impl Standing {
    /// Tells the caller (draft-ietf-httpapi-ratelimit-headers-10).
    pub(super) fn tell(&self, headers: &mut HeaderMap) {
        let Self {
            class,
            a_minute,
            remaining,
            ..
        } = self;
        let used = u64::from(a_minute.saturating_sub(*remaining));
        let whole = (used * 60).div_ceil(u64::from(*a_minute));
        let told = [
            ("ratelimit-policy", format!("\"{class}\";q={a_minute};w=60")),
            ("ratelimit", format!("\"{class}\";r={remaining};t={whole}")),
        ];
        for (name, value) in told {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

/// One quota, and what each caller has used of it.
struct Counter<C: Clock> {
    class: &'static str,
    a_minute: NonZeroU32,
    clock: C,
    limiter: RateLimiter<u64, Callers, C, StateInformationMiddleware>,
}

impl<C: Clock + Clone> Counter<C> {
    /// `None` for a quota of 0, which is no limit.
    fn new(class: &'static str, a_minute: u32, clock: C) -> Option<Self> {
        let a_minute = NonZeroU32::new(a_minute)?;
        let limiter = RateLimiter::new(
            Quota::per_minute(a_minute),
            Callers::default(),
            clock.clone(),
        );
        Some(Self {
            class,
            a_minute,
            clock,
            limiter,
        })
    }

    fn take(&self, caller: u64) -> Standing {
        let (remaining, wait) = match self.limiter.check_key(&caller) {
            Ok(left) => (left.remaining_burst_capacity(), None),
            Err(until) => (0, Some(until.wait_time_from(self.clock.now()))),
        };
        Standing {
            class: self.class,
            a_minute: self.a_minute.get(),
            remaining,
            wait,
        }
    }
}

/// The callers of a quota, by their hash; at most [`MOST`], and one for all the others.
#[derive(Default)]
struct Callers(Mutex<Known>);

#[derive(Default)]
struct Known {
    by_hash: HashMap<u64, Nanos>,
    others: Option<Nanos>,
}

impl Callers {
    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StateStore for Callers {
    type Key = u64;

    fn measure_and_replace<T, F, E>(&self, caller: &u64, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut known = self.lock();
        let (outcome, next) = measure(known.used_by(*caller))?;
        known.note(*caller, next);
        drop(known);
        Ok(outcome)
    }
}

impl Known {
    fn knows(&self, caller: u64) -> bool {
        self.by_hash.len() < MOST || self.by_hash.contains_key(&caller)
    }

    fn used_by(&self, caller: u64) -> Option<Nanos> {
        if self.knows(caller) {
            return self.by_hash.get(&caller).copied();
        }
        self.others
    }

    fn note(&mut self, caller: u64, used: Nanos) {
        if self.knows(caller) {
            self.by_hash.insert(caller, used);
        } else {
            self.others = Some(used);
        }
    }
}

impl ShrinkableKeyedStateStore<u64> for Callers {
    fn retain_recent(&self, drop_below: Nanos) {
        self.lock().by_hash.retain(|_, state| *state > drop_below);
    }

    fn len(&self) -> usize {
        self.lock().by_hash.len()
    }

    fn is_empty(&self) -> bool {
        self.lock().by_hash.is_empty()
    }
}

fn seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use actix_web::body::MessageBody;
    use actix_web::dev::{ServiceRequest, ServiceResponse};
    use actix_web::http::StatusCode;
    use actix_web::middleware::{Next, from_fn};
    use actix_web::test::{TestRequest, call_service, init_service};
    use actix_web::{App, Error, HttpResponse, web};
    use governor::clock::FakeRelativeClock;
    use rand::{Rng, SeedableRng};
    use rand_pcg::Pcg64;

    use super::super::caller::{Caller, Read};
    use super::super::settings::Network;
    use super::*;

    fn limits(clock: &FakeRelativeClock) -> Limits<FakeRelativeClock> {
        Limits::new(Quotas::default(), clock)
    }

    #[test]
    fn a_quota_is_a_minutes_worth_and_comes_back_bit_by_bit() {
        let clock = FakeRelativeClock::default();
        let limits = limits(&clock);
        let take = || limits.key("k", Class::Admin).unwrap();

        assert_eq!(take().remaining, 59);
        let more = (1..100).filter(|_| take().wait.is_none()).count();
        assert_eq!(more, 59);
        assert_eq!(take().wait, Some(Duration::from_secs(1)));

        clock.advance(Duration::from_secs(3));
        assert_eq!((0..10).filter(|_| take().wait.is_none()).count(), 3);
    }

    #[test]
    fn classes_and_keys_are_counted_apart_and_nothing_is_no_limit() {
        let clock = FakeRelativeClock::default();
        let quotas = Quotas {
            read: 1,
            predict: 1,
            ingest: 0,
            admin: 1,
        };
        let limits = Limits::new(quotas, &clock);

        assert_eq!(limits.key("a", Class::Read).unwrap().wait, None);
        assert!(limits.key("a", Class::Read).unwrap().wait.is_some());
        assert_eq!(limits.key("a", Class::Predict).unwrap().wait, None);
        assert_eq!(limits.key("b", Class::Read).unwrap().wait, None);
        assert_eq!(limits.key("a", Class::Ingest), None);
        assert_eq!(limits.stranger(None).unwrap().wait, None);
    }

    #[test]
    fn who_has_a_network_of_sixty_four_bits_is_one_stranger() {
        let clock = FakeRelativeClock::default();
        let limits = limits(&clock);
        let mut luck = Pcg64::seed_from_u64(7);
        let network = u128::from_be_bytes([0x20, 1, 0xd, 0xb8, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0]);

        let let_in = (0..10_000).filter(|_| {
            let address = Ipv6Addr::from_bits(network | u128::from(luck.next_u64()));
            let standing = limits.stranger(Some(address.into())).unwrap();
            standing.wait.is_none()
        });

        assert_eq!(let_in.count(), 600);
    }

    #[test]
    fn a_million_strangers_cost_no_memory_and_the_holders_of_keys_nothing() {
        let clock = FakeRelativeClock::default();
        let limits = limits(&clock);
        let first = limits.stranger(Some(IpAddr::from([9, 9, 9, 9]))).unwrap();

        let mut refused = 0;
        for number in 0..1_000_000_u32 {
            let standing = limits.stranger(Some(IpAddr::from(number.to_be_bytes())));
            refused += usize::from(standing.unwrap().wait.is_some());
        }

        // All that were not known by name share one quota.
        assert_eq!(refused, 1_000_000 - (MOST - 1) - 600);
        let known = limits.strangers.as_ref().unwrap().limiter.len();
        assert_eq!(known, MOST);
        let slots = MOST.next_power_of_two();
        assert!(5 * slots * (size_of::<(u64, Nanos)>() + 1) <= 4 << 20);
        let again = limits.stranger(Some(IpAddr::from([9, 9, 9, 9]))).unwrap();
        assert_eq!(again.remaining, first.remaining - 1);
        assert_eq!(limits.key("k", Class::Read).unwrap().remaining, 599);

        clock.advance(Duration::from_mins(2));
        limits.forget();
        assert_eq!(limits.strangers.as_ref().unwrap().limiter.len(), 0);
    }

    /// How many of ten thousand requests with made-up senders pass, from one peer.
    async fn let_in(trusted: &[Network]) -> usize {
        let settings = Settings {
            trusted_proxies: trusted.to_vec(),
            ..Settings::default()
        };
        let app = App::new()
            .app_data(Data::new(settings))
            .app_data(Data::new(Limits::new(
                Quotas::default(),
                &DefaultClock::default(),
            )))
            .wrap(from_fn(guess))
            .route(
                "/",
                web::get().to(async |_caller: Caller<Read>| HttpResponse::Ok().finish()),
            );
        let app = init_service(app).await;
        let mut luck = Pcg64::seed_from_u64(1);
        let mut not_refused = 0;
        for _ in 0..10_000 {
            let mut request = TestRequest::get().peer_addr(([10, 0, 0, 1], 999).into());
            let liar = IpAddr::from(luck.next_u32().to_be_bytes());
            // What a trusted proxy has seen itself it writes to the right of what it was told.
            let seen = if trusted.is_empty() { "" } else { ", 8.8.8.8" };
            for name in ["X-Forwarded-For", "X-Real-IP", "CF-Connecting-IP"] {
                request = request.append_header((name, format!("{liar}{seen}")));
            }
            if trusted.is_empty() {
                request = request.append_header(("Forwarded", format!("for={liar}")));
            }
            let answer = call_service(&app, request.to_request()).await;
            if answer.status() == StatusCode::UNAUTHORIZED {
                not_refused += 1;
            } else {
                assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
                assert!(answer.headers().contains_key("retry-after"));
            }
        }
        not_refused
    }

    async fn guess(
        request: ServiceRequest,
        next: Next<impl MessageBody>,
    ) -> Result<ServiceResponse<impl MessageBody>, Error> {
        request.extensions_mut().insert(Who::BadKey);
        next.call(request).await
    }

    #[actix_web::test]
    async fn headers_that_anybody_can_write_do_not_widen_a_quota() {
        let proxy = Network::parse("10.0.0.1").unwrap();

        for trusted in [vec![], vec![proxy]] {
            let began = std::time::Instant::now();
            let let_in = let_in(&trusted).await;
            let came_back = began.elapsed().as_secs_f64() * 10.0;
            let most = (600.0 + came_back) * 1.01;
            assert!(let_in as f64 <= most, "{let_in} of {most}, {trusted:?}");
            assert!(let_in >= 600);
        }
    }
}
