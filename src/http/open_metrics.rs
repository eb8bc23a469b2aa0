//! A page of metrics, as OpenMetrics writes it: families, each with what it means and its samples.

use std::fmt::{Display, Write};

use crate::runtime::Times;

/// What a page of metrics is called.
pub(super) const MEDIA: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What a family counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// What only grows; its samples end in `_total`.
    Counter,
    /// What goes up and down.
    Gauge,
    /// Times by how long they were.
    Histogram,
    /// How many, and all together.
    Summary,
    /// Words; its samples end in `_info`.
    Info,
}

/// A page that is being written. A family is opened and then gets all its samples.
#[derive(Debug, Default)]
pub(super) struct Page {
    text: String,
    family: &'static str,
}

/// Names and values that tell samples of a family apart.
pub(super) type Labels<'l> = &'l [(&'l str, &'l str)];

impl Page {
    /// Opens a family. A name with a unit ends in it.
    pub(super) fn family(&mut self, name: &'static str, kind: Kind, about: &str) {
        self.family = name;
        self.line(&format_args!("# TYPE {name} {}", kind.name()));
        let units = ["seconds", "bytes"];
        let unit = units.iter().find(|unit| name.ends_with(*unit));
        if let Some(unit) = unit.filter(|_| kind != Kind::Info) {
            self.line(&format_args!("# UNIT {name} {unit}"));
        }
        self.line(&format_args!("# HELP {name} {}", escaped(about)));
    }

    /// A sample of a counter.
    pub(super) fn count(&mut self, labels: Labels<'_>, value: u64) {
        self.sample("_total", labels, &value);
    }

    /// A sample of a counter that counts in parts.
    pub(super) fn count_parts(&mut self, labels: Labels<'_>, value: f64) {
        self.sample("_total", labels, &value);
    }

    /// A sample of a gauge; none where the value is not known.
    pub(super) fn gauge(&mut self, labels: Labels<'_>, value: Option<f64>) {
        if let Some(value) = value {
            self.sample("", labels, &value);
        }
    }

    /// The sample of words.
    pub(super) fn info(&mut self, labels: Labels<'_>) {
        self.sample("_info", labels, &1);
    }

    /// How many, and all together, in seconds.
    pub(super) fn summary(&mut self, labels: Labels<'_>, times: &Times) {
        self.sample("_count", labels, &times.count());
        self.sample("_sum", labels, &times.total().as_secs_f64());
    }

    /// How many were how long, in seconds.
    pub(super) fn histogram(&mut self, labels: Labels<'_>, times: &Times) {
        let mut bucket = |edge: &str, count: u64| {
            let labels = [labels, &[("le", edge)]].concat();
            self.sample("_bucket", &labels, &count);
        };
        for (edge, count) in times.below() {
            bucket(&edge.as_secs_f64().to_string(), count);
        }
        bucket("+Inf", times.count());
        self.summary(labels, times);
    }

    /// The whole page.
    pub(super) fn end(mut self) -> String {
        self.line(&"# EOF");
        self.text
    }

    fn sample(&mut self, suffix: &str, labels: Labels<'_>, value: &dyn Display) {
        let pair = |(name, value): &(&str, &str)| format!("{name}=\"{}\"", escaped(value));
        let labels: Vec<String> = labels.iter().map(pair).collect();
        let labels = match labels.join(",") {
            none if none.is_empty() => none,
            some => format!("{{{some}}}"),
        };
        let family = self.family;
        self.line(&format_args!("{family}{suffix}{labels} {value}"));
    }

    fn line(&mut self, line: &dyn Display) {
        // Writing to a string does not fail.
        writeln!(self.text, "{line}").unwrap_or_default();
    }
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::Summary => "summary",
            Self::Info => "info",
        }
    }
}

fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    text.replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::runtime::Histogram;

    #[test]
    fn a_page_is_families_of_samples_and_an_end() {
        let mut page = Page::default();

        page.family("asked", Kind::Counter, "What was\nasked.");
        page.count(&[("by", "a \"b\" \\")], 3);
        page.family("memory_bytes", Kind::Gauge, "Memory.");
        page.gauge(&[], Some(1.5));
        page.gauge(&[("of", "x")], None);

        assert_eq!(
            page.end(),
            "# TYPE asked counter\n\
             # HELP asked What was\\nasked.\n\
             asked_total{by=\"a \\\"b\\\" \\\\\"} 3\n\
             # TYPE memory_bytes gauge\n\
             # UNIT memory_bytes bytes\n\
             # HELP memory_bytes Memory.\n\
             memory_bytes 1.5\n\
             # EOF\n"
        );
    }

    #[test]
    fn a_histogram_counts_upwards_to_all() {
        let histogram = Histogram::default();
        histogram.book(Duration::from_millis(3));
        histogram.book(Duration::from_mins(1));
        let mut page = Page::default();

        page.family("took_seconds", Kind::Histogram, "Time.");
        page.histogram(&[("route", "/x")], &histogram.times());

        let page = page.end();
        for line in [
            "took_seconds_bucket{route=\"/x\",le=\"0.002097152\"} 0",
            "took_seconds_bucket{route=\"/x\",le=\"0.004194304\"} 1",
            "took_seconds_bucket{route=\"/x\",le=\"+Inf\"} 2",
            "took_seconds_count{route=\"/x\"} 2",
            "took_seconds_sum{route=\"/x\"} 60.003",
        ] {
            assert!(page.contains(&format!("{line}\n")), "{line}\n{page}");
        }
    }
}
