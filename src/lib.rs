//! lurcher: facts about greyhound races in, probabilities out. One process, one SQLite file.
//!
//! # The map
//!
//! A room uses only rooms on lower floors; a test (`tests/it/house.rs`) checks it.
//!
//! | floor | room | what it is for |
//! |---|---|---|
//! | 7 | [`app`] | puts the house together; the commands |
//! | 6 | [`http`] | door for people: routes, problems, views |
//! | 5 | [`watch`] | looks at the daemon itself and tells when something is too much for too long |
//! | 5 | [`jobs`] | door for time: a board of jobs, who does them, and what the clock asks for |
//! | 4 | [`collect`] | asks sources what is new and hands it to ingest; how each feed is |
//! | 3 | [`ingest`] | the one door for facts: identity, versions, standings, files |
//! | 3 | [`access`] | who may do what: API keys, and the log of what was done |
//! | 3 | [`predict`] | who wins? cache, snapshot, pipeline |
//! | 3 | [`train`] | walk the ratings, make examples, fit, judge, publish, backtest |
//! | 2 | [`mod@bench`] | asks a server on this machine again and again, and says how long its answers took |
//! | 2 | [`formats`] | bytes become drafts, streaming |
//! | 2 | [`model`] | the mathematics: pure functions of snapshots |
//! | 2 | [`season`] | a generated season with known true probabilities |
//! | 2 | [`upstream`] | other people's servers: polite, bounded, believed only as far as checked |
//! | 2 | [`store`] | SQLite: one writer, many readers, every statement named and timed |
//! | 1 | [`runtime`] | queues, crews, caches, the clock, cron; has never heard of a greyhound |
//! | 0 | [`domain`] | the words: races, runners, odds, chances, faults |
//!
//! Names repeat across floors: a race is `domain/race.rs`, `store/races.rs`, `http/races.rs` and
//! `sql/race/`.
//!
//! # Facts
//!
//! Nothing that a source said is changed. A card or result is a version with `known_at`, the
//! instant it could be known in the world, and `recorded_at`, when lurcher got it. The *standing*
//! of a race ([`domain::Standing`]) is a pure function of the set of all claims about it, so the
//! order of arrival cannot matter. The tables `runner` (a race at a glance) and `run` (the form
//! book, clustered by dog) are derived from the claims; form lines, whose race is not known, stand
//! in `run` alone.
//!
//! # Six walks
//!
//! **`POST /api/results`.** [`http`] asks what any request must answer first: its Host, its origin,
//! its encoding, whose key it brings and whether the quota is used up; only then is the body read,
//! as fast as it must come and no larger than it may be. Each item is read on past its faults, so
//! that all are told at once. The good ones go to [`ingest::Ingest::facts`] and wait for the writer
//! in the line of their class, all or none: results before scratchings and cards, prices, and what
//! was read from files. The receipts are sent when the commit is on disk.
//!
//! **A file comes in.** [`app`] hands the path to [`ingest::Ingest::files`]. A thread of its own
//! opens, decodes and reads ([`formats::walk`], [`formats::read`]) and checks each draft, all
//! faults at once. The facts go to the writer, each one change: which track, which dog, which
//! race; what the source said before; a new version or nothing; the standing and the form book.
//! The writer puts the changes that wait into one transaction, a savepoint each, and answers after
//! `COMMIT`. Only what is committed is counted in the report.
//!
//! **A file is uploaded.** [`http`] writes the body piece by piece into the spool, and answers 202
//! when it is on disk and [`ingest::Ingest::uploaded`] has stored it together with the job that
//! takes it in. The commit rings the [`jobs::Bell`]; the [`jobs::Runner`] leases the job and has it
//! done as above. Each second it writes down how far the report is true (a *checkpoint*), which is
//! where the next process goes on when this one is killed.
//!
//! **Cron, 06:00.** The runner looks at the clock each second. A source whose
//! [`runtime::Schedule`] has come due gets a job and the note that it fired, in one transaction, so
//! it fires once; after downtime it begins at a moment of its own within half a minute.
//! [`collect::Collector`] asks each address of the days that the source is configured for, page by
//! page and meeting by meeting where it is a list, by the [`upstream::Client`] (its turn at the
//! host, its copy on disk, the checks of addresses and bodies), keeps what came as it came, and
//! hands it to [`ingest::Ingest::payload`], which looks at its days before it takes anything in.
//! Every fetch leaves a line that says what it brought or why it brought nothing. `lurcher collect`
//! asks the running daemon to do the same, or does it itself.
//!
//! **A model is trained.** [`train::Trainer`] walks the results of the days whose ratings are
//! owed, in order of time, and stores each dog's rating, each par and each box bias with its date.
//! Then every race of the training days becomes an example: [`store::snapshots`] loads what was
//! known before the jump, of two weeks' races at a time, and [`model::features`] makes columns of
//! it. For each set of [`model::Rules`] a [`model::Part`] is fitted on its own races: first a
//! [`model::Rehearsal`], a fit on the earlier days that says who wins on the later ones, which gives
//! the powers for places and for the blend with the market, then the [`model::Pipeline`] on all of
//! them. The whole is judged on later days and stored with its digest. It comes into force when it
//! is better on days that neither it nor the model in force has seen. A backtest is the same over
//! and over: each fold is fitted on what came before it, and all of them are judged together.
//!
//! **`GET /api/races/2025-07-21-angle-park-3/prediction`.** [`http`] gives the request an id and
//! looks on its shelf of answers that are ready to be sent. When there is none, [`predict::Predictor`]
//! answers from its cache, or one caller computes while the others wait: the same
//! [`store::snapshots`] on a reader thread, the same pipeline on a worker. The prediction says on
//! which race and dogs it hangs ([`store::Tag`]). A commit notes what it touched in the book of
//! [`runtime::Changes`] before it is acknowledged, and whatever hangs on that is void.
//!
//! # Decisions that surprise
//!
//! - *Ratings are rows with a date*, not a state in memory: a prediction as of last March uses last
//!   March's ratings. A result notes in its own transaction from which day the walk must go again.
//!   A correction changes later ratings from the instant it became known; what was to be seen
//!   before that instant stays to be seen.
//! - *Who started is known at the jump*, even if only the result says so; what they did is not. A
//!   race that is known from its result alone has its field from the start of its day.
//! - *Circuits hang on distance*: sources name the venue (`MURR`), and only the distance tells that
//!   a race was on the straight.
//! - *Sex does not tell dogs apart*: form lines misprint it. Sire, dam and month of birth do.
//! - *What is added up is noted by whoever writes the row*, in [`store::summaries`], and not by
//!   triggers: a race that stands anew writes its whole field again, of which mostly nothing counts
//!   otherwise than before. A test names every statement that may change such a row.
//! - *A fact is one change of the writer*, not a batch: nested savepoints made SQLite's statement
//!   journal grow with the batch, and every release of one walked all of it.
//! - *A job may be done twice*: it is leased, not owned, and whatever it does comes to the same the
//!   second time. Facts that were committed after the last checkpoint of a killed import are read
//!   again and counted as `unchanged`.
//! - *A job that is cancelled is dropped where it waits next*: there is no flag to look at in every
//!   loop, and what it has committed stays. Only an import is asked to stop, because its report must
//!   count what the writer had begun.
//! - *An answer that is the same as last time is not read again*, but only if that one was taken in:
//!   what was fetched and not understood is tried again each time.
//! - *What a source sent is kept before it is read*: a parser can be mended, what was thrown away
//!   cannot be had again.
//! - *A prediction is stored ten minutes before the jump, and again when the race changes after
//!   that*; where nobody told of a jump, when the card comes and at each change.
//! - *What was said before the jump is kept of models that are not in force too*, marked as a shadow:
//!   a rival is judged on live cards before it is believed. No answer ever shows it.
//! - *A model that has seen the days it would be judged on is no rival on them*: it is compared only
//!   on later ones, and without any the new model waits until somebody puts it in force.
//! - *A post is idempotent twice*: by the facts' natural keys, for ever, and by `Idempotency-Key`,
//!   which gives the old answer again for a day. The answer is stored after the facts, so a crash in
//!   between turns `created` into `unchanged` and nothing else.
//! - *A caller is an argument*: a handler that takes `Caller<Write>` cannot be reached without a key
//!   of that scope, counts against that quota, and the OpenAPI document is tested to say so.
//! - *A list that is not whole says nothing of those it does not name*: an empty card takes nobody
//!   out, and a result with refused rows leaves standing what its source had said before.
//! - *Nobody clears caches*: a value stands as long as nothing it hangs on was touched after its load
//!   began. The same question clears what a commit touched and turns away what was still being
//!   loaded from older rows, and a commit costs the same however much is cached.
//! - *The metadata of races, dogs and tracks is cached as it is sent*, not as rows: what is asked for
//!   again is the same bytes, and a hit is one lookup and one write.
//! - *One ETag for each encoding*, from the bytes of the answer: nothing has to be bumped.
//! - *Lists that a page shows are read in an order forced by `CROSS JOIN`*: left to itself the planner
//!   scans the tracks and sorts.
//! - *A request is counted under the template of its place*, which the place itself hands to it: to
//!   look it up by path would cost more than the rest of the counting.
//! - *A question sees one moment*: all its statements run in one read transaction, so a page is never
//!   half of before a commit and half of after it. It is broken off before it could hold up the log.
//! - *A plan does not look at what is bound* (`QPSG`): the bundled SQLite keeps samples of each index,
//!   and would plan a statement again at every binding, which was a fifth of every read.
//! - *The system's allocator stays*: mimalloc answers no faster than could be measured, and keeps
//!   170 MiB where this one keeps 70, because twenty readers each have a heap.
//! - *The wait for a reader is booked on the first statement* of what waited; else a page of five
//!   statements would have waited five times.
//! - *The WAL is cut back, not merely checkpointed*, above 32 MiB: the size of the file is all that
//!   can be seen without opening it, and opening it would drop SQLite's locks.
#![cfg_attr(
    test,
    expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")
)]

pub mod access;
pub mod app;
pub mod bench;
pub mod collect;
pub mod domain;
pub mod formats;
pub mod http;
pub mod ingest;
pub mod jobs;
pub mod model;
pub mod predict;
pub mod runtime;
pub mod season;
pub mod store;
pub mod train;
pub mod upstream;
pub mod watch;
