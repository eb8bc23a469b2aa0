//! A real lurcher: on a database of its own, with a clock that stands still, on port 0.
//!
//! [`House`] is the daemon without its door, [`World`] is the whole of it. Dropping either closes
//! it and looks whether the database it leaves is sound.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use chrono::{DateTime, Utc};
use lurcher::app::{App, Config};
use lurcher::domain::{FormLine, RaceDay, RaceKey};
use lurcher::http;
use lurcher::ingest::file::{Report, Request};
use lurcher::predict::{Error, Prediction, Question};
use lurcher::runtime::{Clock, Lane};
use lurcher::season::{Season, SeasonFiles, SeasonSettings};
use lurcher::store::{DATABASE, races, snapshots};
use lurcher::train::{TrainReport, TrainSpec};
use lurcher::upstream::SourceSpec;
use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;

/// Days at the end of the shared season whose races also have cards.
pub(crate) const CARD_DAYS: u32 = 5;

pub(crate) use crate::answer::Answer;
pub(crate) use crate::sound::assert_sound;
use crate::sound::assert_whole;
pub(crate) use crate::time::{day, eventually, instant, now, wait};

/// The season that most tests share.
pub(crate) fn season() -> &'static Season {
    static SEASON: OnceLock<Season> = OnceLock::new();
    SEASON.get_or_init(|| Season::generate(&SeasonSettings::small().unwrap()).unwrap())
}

/// The shared season's files, in `folder`.
pub(crate) fn write_season(folder: &Path) -> SeasonFiles {
    season().write(folder, CARD_DAYS, None).unwrap()
}

/// The name that clients give a race of the shared season.
pub(crate) fn key(race: &lurcher::season::SeasonRace) -> String {
    let track = &season().tracks[race.track];
    format!("{}-{}-{}", race.day, track.slug, race.number)
}

/// The first race of the shared season that is still to come.
pub(crate) fn to_come() -> String {
    key(season().to_come().next().unwrap())
}

/// A lurcher without its door.
pub(crate) struct House {
    app: Option<App>,
    clock: Clock,
    config: Config,
    folder: TempDir,
    tampered: AtomicBool,
}

impl House {
    /// An empty one.
    pub(crate) fn empty() -> Self {
        Self::open(tempfile::tempdir().unwrap())
    }

    /// One that has imported the shared season and trained on it, made once and copied.
    pub(crate) fn of_season() -> Self {
        static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
        let bytes = BYTES.get_or_init(|| {
            let files = tempfile::tempdir().unwrap();
            let house = Self::empty();
            let written = write_season(files.path());
            let report = house.import(&[written.runs, files.path().join("cards")]);
            assert_eq!(report.faults, []);
            let until = season().settings.last_day().plus(-2);
            assert!(house.train(Some(until)).activated);
            house.into_bytes()
        });
        Self::copy_of(bytes)
    }

    /// The database, closed, for [`House::copy_of`].
    pub(crate) fn into_bytes(mut self) -> Vec<u8> {
        self.close();
        fs::read(self.database()).unwrap()
    }

    /// One on a database that was made before.
    pub(crate) fn copy_of(bytes: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(DATABASE), bytes).unwrap();
        Self::open(folder)
    }

    /// An empty one that asks these sources.
    pub(crate) fn asking(sources: Vec<SourceSpec>) -> Self {
        Self::configured(tempfile::tempdir().unwrap(), |config| {
            config.sources = sources;
        })
    }

    /// An empty one that takes files up to so many bytes.
    pub(crate) fn of_small_files(bytes: u64) -> Self {
        Self::configured(tempfile::tempdir().unwrap(), |config| {
            config.collect.upload_bytes = bytes;
        })
    }

    fn open(folder: TempDir) -> Self {
        Self::configured(folder, |_| {})
    }

    /// One in a folder, with other settings.
    pub(crate) fn configured(folder: TempDir, change: impl FnOnce(&mut Config)) -> Self {
        let clock = Clock::fixed(now());
        let mut config = Config::new(folder.path());
        change(&mut config);
        let app = App::build(&config, clock.clone()).unwrap();
        Self {
            app: Some(app),
            clock,
            config,
            folder,
            tampered: AtomicBool::new(false),
        }
    }

    /// One that reads the same database beside this one and remembers nothing.
    pub(crate) fn forgetful(&self) -> Self {
        let app = App::build_to_read(&self.config, self.clock.clone()).unwrap();
        for shelf in app.shelves.stats() {
            assert!(app.shelves.switch(shelf.name, false));
        }
        app.predictor.switch_cache(false);
        Self {
            app: Some(app),
            clock: self.clock.clone(),
            config: self.config.clone(),
            folder: tempfile::tempdir().unwrap(),
            // Not this one's to look after.
            tampered: AtomicBool::new(true),
        }
    }

    /// Closes the database and opens it again, as a restart does.
    pub(crate) fn restart(&mut self) {
        self.close();
        self.app = Some(App::build(&self.config, self.clock.clone()).unwrap());
    }

    /// Closes the database; only [`House::restart`] and looking at the file come after it.
    pub(crate) fn close(&mut self) {
        if let Some(app) = self.app.take() {
            app.store.close();
        }
    }

    pub(crate) fn app(&self) -> &App {
        self.app.as_ref().unwrap()
    }

    /// Sets the clock.
    pub(crate) fn set_clock(&self, at: &str) {
        self.clock.set(instant(at));
    }

    /// The names of the files in the spool.
    pub(crate) fn spool(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.folder.path().join("spool")) else {
            return Vec::new();
        };
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect()
    }

    /// The database file.
    pub(crate) fn database(&self) -> PathBuf {
        self.config.store.folder.join(DATABASE)
    }

    /// A connection of the test's own, for looking.
    pub(crate) fn look(&self) -> Connection {
        Connection::open(self.database()).unwrap()
    }

    /// The same for changing facts behind the back of the house, which then cannot have added them up.
    pub(crate) fn tamper(&self) -> Connection {
        self.tampered.store(true, Ordering::Relaxed);
        self.look()
    }

    /// One number out of the database.
    pub(crate) fn number(&self, sql: &str) -> i64 {
        self.look().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// The texts of a column.
    pub(crate) fn texts(&self, sql: &str) -> Vec<String> {
        let conn = self.look();
        let mut statement = conn.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    /// Imports files and brings the ratings up to date, as the command does.
    pub(crate) fn import(&self, paths: &[PathBuf]) -> Report {
        let request = Request {
            paths: paths.to_vec(),
            ..Request::default()
        };
        wait(async {
            let report = self.app().ingest.files(request, Arc::default()).await;
            self.app().trainer.rate().await.unwrap();
            report.unwrap()
        })
    }

    /// Imports one file of that name and content.
    pub(crate) fn import_text(&self, name: &str, content: impl AsRef<[u8]>) -> Report {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        self.import(&[path])
    }

    /// Trains until a day, and puts the model in force.
    pub(crate) fn train(&self, until: Option<RaceDay>) -> TrainReport {
        let spec = TrainSpec {
            until,
            activate: true,
        };
        wait(self.app().trainer.train(spec)).unwrap()
    }

    /// What the model says of a race, from what was known then.
    pub(crate) fn predict(
        &self,
        race: &str,
        as_of: Option<DateTime<Utc>>,
    ) -> Result<Arc<Prediction>, Arc<Error>> {
        let race = race.parse().unwrap();
        wait(self.app().predictor.race(Question { race, as_of }))
    }

    /// Who was known to run in a race, and the past runs of each that were known.
    pub(crate) fn field(&self, race: &str, as_of: DateTime<Utc>) -> Vec<(u8, Vec<FormLine>)> {
        let race: RaceKey = race.parse().unwrap();
        let snapshot = wait(self.app().store.read(Lane::Live, move |reader| {
            let race = races::by_key(reader, &race)?.unwrap();
            snapshots::load(reader, &race, as_of)
        }));
        let entries = snapshot.unwrap().entries.into_iter();
        entries
            .map(|entry| {
                let mut runs = entry.history.runs;
                // Pars are what the walk made of the facts.
                for run in &mut runs {
                    run.par = None;
                }
                (entry.rug.get(), runs)
            })
            .collect()
    }

    /// The chances to win, bit for bit, by rug.
    pub(crate) fn bits(&self, race: &str, as_of: Option<DateTime<Utc>>) -> Vec<(u8, u64)> {
        let prediction = self.predict(race, as_of).unwrap();
        let runners = prediction.runners.iter();
        runners
            .map(|runner| (runner.rug.get(), runner.win.to_bits()))
            .collect()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.close();
        if thread::panicking() {
            return;
        }
        if *self.tampered.get_mut() {
            assert_whole(&self.look());
        } else {
            assert_sound(&self.database());
        }
    }
}

/// A whole lurcher, served.
pub(crate) struct World {
    agent: Option<ureq::Agent>,
    pub(crate) url: String,
    server: Option<(ServerHandle, JoinHandle<()>)>,
    pub(crate) house: House,
}

impl World {
    /// With nothing in it.
    pub(crate) fn empty() -> Self {
        Self::serve(House::empty())
    }

    /// With the shared season, imported and trained on.
    pub(crate) fn of_season() -> Self {
        Self::serve(House::of_season())
    }

    /// Opens the door of a house. It is bound before anybody asks, so there is nothing to wait for.
    pub(crate) fn serve(house: House) -> Self {
        Self::open(house, false)
    }

    /// The same, and its jobs are done.
    pub(crate) fn working(house: House) -> Self {
        Self::open(house, true)
    }

    fn open(house: House, works: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let desks = house.app().desks();
        let runner = works.then(|| house.app().runner());
        let (send, receive) = mpsc::channel();
        let thread = thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = http::serve(listener, desks).unwrap();
                let working = runner.map(|runner| actix_web::rt::spawn(runner.run()));
                send.send(server.handle()).unwrap();
                server.await.unwrap();
                if let Some(working) = working {
                    working.await.unwrap();
                }
            });
        });
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(Duration::from_mins(1)));
        Self {
            agent: Some(config.build().into()),
            url,
            server: Some((receive.recv().unwrap(), thread)),
            house,
        }
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    fn agent(&self) -> &ureq::Agent {
        self.agent.as_ref().unwrap()
    }

    /// Where it listens, `host:port`.
    pub(crate) fn address(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }

    /// `GET path`
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[])
    }

    /// The body of `GET path`, whatever it is.
    #[cfg(feature = "parquet")]
    pub(crate) fn bytes(&self, path: &str) -> Vec<u8> {
        let request = self.agent().get(format!("{}{path}", self.url));
        request.call().unwrap().body_mut().read_to_vec().unwrap()
    }

    /// `GET path` with headers.
    pub(crate) fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.agent().get(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(request.call().unwrap())
    }

    /// `POST path` with JSON.
    pub(crate) fn post_json(&self, path: &str, body: &Value) -> Answer {
        self.post_with(path, body.to_string().as_bytes(), &[])
    }

    /// `POST path` with a body, which is JSON unless a header says otherwise.
    pub(crate) fn post_with(&self, path: &str, body: &[u8], headers: &[(&str, &str)]) -> Answer {
        let mut request = self.agent().post(format!("{}{path}", self.url));
        if !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(request.send(body).unwrap())
    }

    /// Waits until a job is over; what it then looks like.
    pub(crate) fn over(&self, job: &Value) -> Value {
        let path = format!("/api/jobs/{job}");
        let is_over =
            |shown: &Value| !matches!(shown["state"].as_str(), Some("queued" | "running"));
        eventually("a job is over", || {
            Some(self.get(&path).json()).filter(is_over)
        })
    }

    /// `DELETE path`
    pub(crate) fn delete(&self, path: &str) -> Answer {
        let request = self.agent().delete(format!("{}{path}", self.url));
        Answer::of(request.call().unwrap())
    }

    /// `POST path` with nothing in it.
    pub(crate) fn post(&self, path: &str) -> Answer {
        let request = self.agent().post(format!("{}{path}", self.url));
        Answer::of(request.send_empty().unwrap())
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // The agent's kept connections would hold the server up.
        self.agent = None;
        // So would whoever watches a job.
        self.house.app().board.close();
        let (handle, thread) = self.server.take().unwrap();
        wait(handle.stop(true));
        let ended = thread.join();
        if !thread::panicking() {
            ended.unwrap();
        }
    }
}
