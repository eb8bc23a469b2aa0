//! A lurcher that is measured: everybody's door, on a port of its own, with caches of its own and
//! without quotas, over the store of the house. Nobody else notices what is done to its caches, so
//! there is nothing to put back.

use std::net::SocketAddr;
use std::time::Duration;

use super::course::{Course, LeftOut, Names};
use crate::access::{Access, Secret};
use crate::bench::{self, Connection, Figures, Plan, Server};
use crate::http::{Desks, Quotas, Settings, Shelves, serve};
use crate::predict::Predictor;
use crate::runtime::Traffic;

/// See the module. It closes when it is dropped.
pub struct Stand {
    server: Server,
    key: Secret,
    shelves: Shelves,
    predictor: Predictor,
}

/// Whoever asks the stand is no caller with a share.
const UNLIMITED: Quotas = Quotas {
    read: 0,
    predict: 0,
    ingest: 0,
    admin: 0,
};

impl Stand {
    /// Opens it beside the house; waits until it listens, so it is not for the threads of a runtime.
    /// It is open to this machine as the house is: to whoever brings a key, when there are keys.
    pub fn open(desks: &Desks) -> Result<Self, bench::Error> {
        let (store, clock) = (desks.store.clone(), desks.clock.clone());
        let shelves = Shelves::new(&desks.settings.shelves, &store);
        let kept = desks.predictor.cache_stats().limits;
        let workers = desks.workers.clone();
        let predictor = Predictor::new(store.clone(), workers, clock.clone(), kept, Duration::ZERO);
        let (access, key) = Access::lending(store, clock);
        let own = Desks {
            shelves: shelves.clone(),
            predictor: predictor.clone(),
            access,
            traffic: Traffic::default(),
            settings: Settings {
                quotas: UNLIMITED,
                ..desks.settings.clone()
            },
            ..desks.clone()
        };
        Ok(Self {
            server: Server::start(move |listener| serve(listener, own))?,
            key,
            shelves,
            predictor,
        })
    }

    /// Finds out what to ask of each route, with at most so many names of races and of dogs, and asks
    /// each once. What gives no 200 is not asked again.
    pub fn gather(
        &self,
        routes: &[&'static str],
        most: usize,
    ) -> Result<(Vec<Course>, Vec<LeftOut>), bench::Error> {
        let mut connection = Connection::open(self.server.address)?;
        let ask = |path: &str| self.request(self.server.address, path);
        let names = Names::ask(&mut connection, &ask, most)?;
        let (mut courses, mut left_out) = (Vec::new(), Vec::new());
        for route in routes {
            match Course::run(route, &names.paths(route), &mut connection, &ask)? {
                Ok(course) => courses.push(course),
                Err(out) => left_out.push(out),
            }
        }
        Ok((courses, left_out))
    }

    /// Asks along a course.
    pub fn drive(&self, course: &Course, plan: Plan) -> Result<Figures, bench::Error> {
        bench::drive(self.server.address, &course.requests, plan)
    }

    /// Has everything in the caches, by asking each once.
    pub fn warm(&self, course: &Course, plan: Plan) -> Result<(), bench::Error> {
        let once = Plan {
            requests: course.requests.len(),
            ..plan
        };
        self.drive(course, once)?;
        Ok(())
    }

    /// A request of whoever measures, to any server.
    #[must_use]
    pub fn request(&self, address: SocketAddr, path: &str) -> Vec<u8> {
        bench::request(address, path, Some(self.key.reveal()))
    }

    /// Empties its caches.
    pub fn empty(&self) {
        // How much that was is nobody's concern.
        let _ = (self.shelves.clear(None), self.predictor.clear_cache());
    }

    /// Switches its caches on or off, but for that of keys, which the door itself needs.
    pub fn switch(&self, on: bool) {
        self.shelves.switch_all(on);
        self.predictor.switch_cache(on);
    }

    /// Closes it and waits for the end.
    pub fn close(self) -> Result<(), bench::Error> {
        self.server.stop()
    }
}
