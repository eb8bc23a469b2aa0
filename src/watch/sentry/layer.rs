//! Makes events of what is logged as an error.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use sentry_types::protocol::v7::{Event, Exception, Value};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::Outbox;
use super::scrub::{is_secret, scrub};

/// The target of the event that says which route a request took; it is no error.
pub const ROUTE: &str = "lurcher::route";
/// The field of a panic that says where.
const PLACE: &str = "place";

/// What a subscriber asks of every event and span.
pub struct Layer {
    outbox: Arc<Outbox>,
    environment: String,
}

/// The fields of a span or an event, without secrets.
#[derive(Debug, Clone, Default)]
struct Fields(BTreeMap<String, String>);

impl Fields {
    fn note(&mut self, field: &Field, text: &str) {
        let name = field.name();
        let text = if is_secret(name) {
            "***".to_owned()
        } else {
            scrub(text)
        };
        self.0.insert(name.to_owned(), text);
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.note(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.note(field, &format!("{value:?}"));
    }
}

impl Layer {
    pub(super) fn new(outbox: Arc<Outbox>, environment: String) -> Self {
        Self {
            outbox,
            environment,
        }
    }

    /// Whether this layer wants to see it: errors, the house's own spans, and routes.
    #[must_use]
    pub fn wants(metadata: &Metadata<'_>) -> bool {
        if metadata.is_span() {
            return metadata.target().starts_with("lurcher");
        }
        *metadata.level() == Level::ERROR || metadata.target() == ROUTE
    }

    fn event(
        &self,
        about: &Metadata<'_>,
        mut said: Fields,
        tags: Fields,
        dropped: u64,
    ) -> Event<'static> {
        let message = said.0.remove("message");
        let panic = said
            .0
            .get(PLACE)
            .filter(|_| message.as_deref() == Some("panic"));
        let exception = panic.map(|place| Exception {
            ty: "panic".to_owned(),
            value: Some(place.clone()),
            ..Exception::default()
        });
        if dropped > 0 {
            said.0
                .insert("dropped_before".to_owned(), dropped.to_string());
        }
        let extra = said.0.into_iter();
        Event {
            message,
            exception: exception.into_iter().collect::<Vec<_>>().into(),
            logger: Some(about.target().to_owned()),
            transaction: tags.0.get("route").cloned(),
            release: Some(concat!("lurcher@", env!("CARGO_PKG_VERSION")).into()),
            environment: Some(self.environment.clone().into()),
            tags: tags.0.into_iter().collect(),
            extra: extra
                .map(|(name, text)| (name, Value::String(text)))
                .collect(),
            ..Event::default()
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> tracing_subscriber::Layer<S> for Layer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &tracing::Event<'_>, context: Context<'_, S>) {
        if event.metadata().target() == ROUTE {
            if let Some(span) = context.event_span(event)
                && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
            {
                event.record(fields);
            }
            return;
        }
        self.outbox.offer(|dropped| {
            let mut said = Fields::default();
            event.record(&mut said);
            let mut tags = Fields::default();
            for span in context.event_scope(event).into_iter().flatten() {
                if let Some(fields) = span.extensions().get::<Fields>() {
                    tags.0.extend(fields.0.clone());
                }
            }
            self.event(event.metadata(), said, tags, dropped)
        });
    }
}
