//! Models that are in memory, as they are shown.

use serde::Serialize;
use utoipa::ToSchema;

use super::gauges::ms;
use super::race_view::instant;
use crate::model::Component;
use crate::predict::Loaded;

/// That a model is in memory; it is loaded when it is first asked for.
#[derive(Serialize, ToSchema)]
#[schema(as = LoadedModel)]
pub(super) struct LoadedView {
    /// SHA-256 of its artifact.
    model: String,
    #[schema(format = DateTime)]
    since: String,
    /// How long it took to read and to make.
    took_ms: f64,
    /// Size of the artifact.
    bytes: usize,
    /// What it is made of.
    components: Vec<ComponentView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ModelComponent)]
struct ComponentView {
    /// `win`, `places` or `blend`.
    component: &'static str,
    /// By whose rules the races are run that it is for: `australia` or `britain`.
    rules: &'static str,
    /// Its part of the artifact.
    bytes: usize,
    sha256: String,
}

impl LoadedView {
    pub(super) fn of(loaded: &Loaded) -> Self {
        Self {
            model: loaded.digest.clone(),
            since: instant(loaded.since),
            took_ms: ms(loaded.took),
            bytes: loaded.bytes,
            components: loaded.components.iter().map(ComponentView::of).collect(),
        }
    }

    /// The one of that digest.
    pub(super) fn find(all: &[Loaded], digest: &str) -> Option<Self> {
        let found = all.iter().find(|loaded| loaded.digest == digest);
        found.map(Self::of)
    }
}

impl ComponentView {
    fn of(component: &Component) -> Self {
        Self {
            component: component.kind.as_str(),
            rules: component.rules.as_str(),
            bytes: component.bytes,
            sha256: component.sha256.clone(),
        }
    }
}
