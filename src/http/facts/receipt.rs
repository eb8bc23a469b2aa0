//! What became of posted facts, for the sender.

use actix_web::HttpResponse;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::Fault;
use crate::http::problem::{self, FaultView, Problem};
use crate::ingest::{Counts, Receipt, Status};

/// What became of every item, in the order of the items.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
#[schema(as = Receipts)]
pub(crate) struct Receipts {
    items: Vec<ItemReceipt>,
    created: u64,
    updated: u64,
    unchanged: u64,
    failed: u64,
    /// The body was one object, so its faults need no index.
    #[serde(skip)]
    #[schema(ignore)]
    single: bool,
    #[serde(skip)]
    #[schema(ignore)]
    unknown_race: bool,
}

/// A problem with posted facts; when every item was refused, with what became of each.
#[derive(ToSchema)]
#[schema(as = RefusedFacts)]
#[expect(dead_code, reason = "describes a `Problem` that holds `Receipts`")]
pub(in crate::http) struct Refused {
    #[serde(flatten)]
    problem: problem::Body<'static>,
    #[schema(nullable = false)]
    items: Option<Vec<ItemReceipt>>,
    #[schema(nullable = false)]
    created: Option<u64>,
    #[schema(nullable = false)]
    updated: Option<u64>,
    #[schema(nullable = false)]
    unchanged: Option<u64>,
    #[schema(nullable = false)]
    failed: Option<u64>,
}

/// How any post of facts is answered, for the document.
#[derive(utoipa::IntoResponses)]
#[expect(dead_code, reason = "describes what the handlers of facts answer")]
pub(super) enum Answered {
    #[response(status = 200, description = "")]
    Taken(Receipts),
    #[response(
        status = 409,
        description = "conflict: the first request with this Idempotency-Key is under way"
    )]
    UnderWay,
    #[response(status = 413, description = "too_large")]
    TooLarge,
    #[response(
        status = 422,
        content_type = "application/problem+json",
        description = "invalid, with every fault; or idempotency_mismatch"
    )]
    Refused(Refused),
}

/// What became of one item.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Receipt)]
struct ItemReceipt {
    /// The race's natural key; null when the item does not tell which race is meant.
    race: Option<String>,
    #[schema(value_type = StatusView)]
    status: &'static str,
    /// Everything that is wrong with the item, or with past runs of a card that was kept.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<FaultView>, required = false)]
    faults: Vec<Fault>,
    /// Past runs that came with a card, counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<FormCounts>, nullable = false)]
    form: Option<Counts>,
}

/// What became of it.
#[derive(ToSchema)]
#[schema(as = ReceiptStatus, rename_all = "snake_case")]
#[expect(dead_code, reason = "describes the texts of `status`")]
enum StatusView {
    Created,
    Updated,
    Unchanged,
    Failed,
}

/// Past runs, by what became of them.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "describes `ingest::Counts`, which knows nothing of HTTP"
)]
struct FormCounts {
    created: u64,
    updated: u64,
    unchanged: u64,
    failed: u64,
}

impl Receipts {
    /// Of the items of a body, none noted yet.
    pub(super) fn of(single: bool) -> Self {
        Self {
            single,
            ..Self::default()
        }
    }

    /// Whether an item named a race that nobody has told of.
    pub(super) const fn unknown_race(&self) -> bool {
        self.unknown_race
    }

    /// Whether nothing was noted yet.
    pub(super) const fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Notes one more.
    pub(super) fn add(&mut self, receipt: Receipt) {
        let status = match &receipt.outcome {
            Ok(Status::Created) => "created",
            Ok(Status::Updated) => "updated",
            Ok(Status::Unchanged) => "unchanged",
            Err(_faults) => "failed",
        };
        let count = match status {
            "created" => &mut self.created,
            "updated" => &mut self.updated,
            "unchanged" => &mut self.unchanged,
            _ => &mut self.failed,
        };
        *count += 1;
        self.unknown_race |= receipt.unknown_race;
        let mut faults = receipt.outcome.err().unwrap_or_default();
        faults.extend(receipt.form_faults);
        self.items.push(ItemReceipt {
            race: receipt.race.map(|race| race.to_string()),
            status,
            faults,
            form: (receipt.form != Counts::default()).then_some(receipt.form),
        });
    }

    /// 200 when anything was kept, else 422 with every fault: of a list, each under its index.
    pub(super) fn answer(self) -> Result<HttpResponse, Problem> {
        if self.failed < u64::try_from(self.items.len()).unwrap_or_default() {
            return Ok(HttpResponse::Ok().json(self));
        }
        let items = self.items.iter().enumerate();
        let faults = items.flat_map(|(n, item)| {
            let index = if self.single {
                String::new()
            } else {
                format!("[{n}]")
            };
            item.faults
                .iter()
                .cloned()
                .map(move |fault| fault.under(&index))
        });
        Err(Problem::invalid(faults.collect()).receipts(self))
    }
}
