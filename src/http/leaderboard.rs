//! Who has done best: dogs, trainers and tracks.

use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::Answer;
use super::caller::{Caller, Read};
use super::problem::Problem;
use super::shape::Shape;
use super::shelves::{Shelves, serve};
use super::tracks;
use super::words::{MeasureWord, SubjectWord};
use crate::domain::{Fault, Faults, RaceDay, Track};
use crate::runtime::Lane;
use crate::store::leaderboards::{self, Asked, Leader, Measure, Span};
use crate::store::summaries::Subject;
use crate::store::{Reader, Store, Tag};

/// Rows when nobody says how many.
const USUAL: u32 = 20;
/// Rows, at most.
const MOST: u32 = 100;
/// Days that are added up for an answer, at most.
const MOST_DAYS: u32 = 100;
/// How many days back a dog must have started to be rated, when nobody says: what an old dog was
/// worth is no news.
const RATED_DAYS: u32 = 90;
/// Starts that a rate must stand on, when nobody says.
const USUAL_STARTS: u32 = 10;
/// The most starts that may be asked for.
const MOST_STARTS: u32 = 100_000;

/// The query of `GET /api/leaderboard`.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    /// Who; `dogs` when left out.
    #[param(inline, value_type = Option<SubjectWord>)]
    of: Option<String>,
    /// In which order; `wins` when left out. Only dogs have a `rating`.
    #[param(inline, value_type = Option<MeasureWord>)]
    by: Option<String>,
    /// Only starts at this track: slug or any alias.
    track: Option<String>,
    /// Only starts of the last so many days up to the last one with a final result. All time when
    /// left out, and 90 days by `rating`.
    #[param(minimum = 1, maximum = 100)]
    days: Option<u32>,
    /// Whoever has fewer is left out: 10 when left out by `rating` and `strike_rate`, else 1.
    #[param(minimum = 1, maximum = 100_000)]
    min_starts: Option<u32>,
    /// How many, 20 when left out.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// A checked query; the track is still to be looked up.
struct Question {
    subject: Subject,
    measure: Measure,
    track: Option<String>,
    days: Option<u32>,
    min_starts: u32,
    limit: u32,
}

/// Who has done best.
#[derive(Serialize, ToSchema)]
#[schema(as = Leaderboard)]
pub(super) struct View {
    #[schema(value_type = SubjectWord)]
    of: &'static str,
    #[schema(value_type = MeasureWord)]
    by: &'static str,
    track: Option<String>,
    /// The first day that counts; all time without one.
    #[schema(value_type = Option<String>, format = Date)]
    from: Option<RaceDay>,
    /// The last day that counts.
    #[schema(value_type = Option<String>, format = Date)]
    until: Option<RaceDay>,
    min_starts: u32,
    /// Best first; of equals, whoever started more often.
    items: Vec<Row>,
}

/// Somebody on the board.
#[derive(Serialize, ToSchema)]
#[schema(as = Leader)]
struct Row {
    rank: usize,
    /// `dog_id` or `trainer_id`; tracks are named by `slug`.
    #[schema(minimum = 1)]
    id: i64,
    name: String,
    slug: Option<String>,
    /// Runs in races with a final result, as far as the result accounts for them.
    starts: i64,
    /// Each dog of a dead heat has won.
    wins: i64,
    /// Wins a start.
    strike_rate: f64,
    /// Starts with a price: the starting price, or the exchange's where there is none.
    priced_starts: i64,
    /// What stakes of 1 on each of those brought beyond the stakes; a dead heat divides the stake.
    profit: Option<f64>,
    /// After the last rated race, natural-log units; only by `rating`.
    rating: Option<f64>,
}

impl Filter {
    /// The question, or everything that is wrong with it.
    fn check(self) -> Result<Question, Problem> {
        let mut faults = Faults::default();
        let subject = faults.maybe("of", self.of.as_deref(), Subject::parse);
        let measure = faults.maybe("by", self.by.as_deref(), Measure::parse);
        let subject = subject.unwrap_or(Subject::Dogs);
        let measure = measure.unwrap_or(Measure::Wins);
        if measure == Measure::Rating && subject != Subject::Dogs {
            let why = "must be strike_rate, wins, profit or starts: only dogs are rated";
            faults.add("by", why);
        }
        let usual_days = (measure == Measure::Rating).then_some(RATED_DAYS);
        let days = faults.maybe("days", self.days, |days| within(days, MOST_DAYS));
        let starts = faults.maybe("min_starts", self.min_starts, |n| within(n, MOST_STARTS));
        let limit = faults.maybe("limit", self.limit, |limit| within(limit, MOST));
        faults.done().map_err(Problem::invalid)?;
        let usual_starts = match measure {
            Measure::Rating | Measure::StrikeRate => USUAL_STARTS,
            Measure::Wins | Measure::Profit | Measure::Starts => 1,
        };
        Ok(Question {
            subject,
            measure,
            track: self.track,
            days: days.or(usual_days),
            min_starts: starts.unwrap_or(usual_starts),
            limit: limit.unwrap_or(USUAL),
        })
    }
}

fn within(number: u32, most: u32) -> Result<u32, Fault> {
    if (1..=most).contains(&number) {
        return Ok(number);
    }
    Err(Fault::new(format!("must be 1 to {most}")))
}

impl Question {
    fn answer(self, reader: &Reader<'_>) -> Result<View, Problem> {
        let track = self.track.as_deref();
        let track = track.map(|raw| tracks::resolve(reader, raw)).transpose()?;
        let asked = Asked {
            subject: self.subject,
            measure: self.measure,
            track: track.as_ref().map(|track| track.id),
            min_starts: self.min_starts,
            limit: self.limit,
        };
        let (span, leaders) = match self.days {
            None => (None, leaderboards::of_all_time(reader, &asked)?),
            Some(days) => match leaderboards::last_days(reader, days)? {
                Some(span) => (Some(span), leaderboards::of_days(reader, &asked, span)?),
                None => (None, Vec::new()),
            },
        };
        Ok(View::of(&asked, track, span, leaders))
    }
}

impl View {
    fn of(asked: &Asked, track: Option<Track>, span: Option<Span>, leaders: Vec<Leader>) -> Self {
        let items = leaders.into_iter().enumerate();
        Self {
            of: asked.subject.as_str(),
            by: asked.measure.as_str(),
            track: track.map(|track| track.slug),
            from: span.map(|span| span.from),
            until: span.map(|span| span.until),
            min_starts: asked.min_starts,
            items: items.map(|(n, leader)| Row::of(n + 1, leader)).collect(),
        }
    }
}

impl Row {
    fn of(rank: usize, leader: Leader) -> Self {
        let score = leader.score;
        Self {
            rank,
            id: leader.id,
            name: leader.name,
            slug: leader.slug,
            starts: score.starts,
            wins: score.wins,
            strike_rate: score.strike_rate(),
            priced_starts: score.priced,
            profit: score.profit(),
            rating: leader.rating,
        }
    }
}

/// Who has done best.
#[utoipa::path(
    operation_id = "show_leaderboard",
    get, path = "/api/leaderboard", tag = "facts out", params(Filter), security(("key" = ["read"])),
    responses((status = 200, body = View), (status = 404, description = "unknown_track")),
)]
pub(super) async fn show(
    _caller: Caller<Read>,
    request: HttpRequest,
    Query(filter): Query<Filter>,
    store: Data<Store>,
    shelves: Data<Shelves>,
) -> Result<HttpResponse, Problem> {
    let question = filter.check()?;
    let load = || async move {
        let load = move |reader: &Reader<'_>| question.answer(reader);
        let view = store.read(Lane::Live, load).await?;
        Answer::json(&view, vec![Tag::Facts, Tag::Names, Tag::Ratings])
    };
    serve(&shelves.leaderboards, &request, Shape::Json, load).await
}
