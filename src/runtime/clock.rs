//! What time it is: the system's word, or a test's. Handed in, never global.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Utc};

/// Tells the time.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    fixed_ms: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands still until [`Clock::set`].
    #[must_use]
    pub fn fixed(at: DateTime<Utc>) -> Self {
        let fixed_ms = Arc::new(AtomicI64::new(at.timestamp_millis()));
        Self {
            fixed_ms: Some(fixed_ms),
        }
    }

    /// Moves a fixed clock; the system's clock does not listen.
    pub fn set(&self, at: DateTime<Utc>) {
        if let Some(fixed) = &self.fixed_ms {
            fixed.store(at.timestamp_millis(), Ordering::SeqCst);
        }
    }

    /// Now, to the millisecond.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        let ms = match &self.fixed_ms {
            Some(fixed) => fixed.load(Ordering::SeqCst),
            None => Utc::now().timestamp_millis(),
        };
        DateTime::from_timestamp_millis(ms).unwrap_or_default()
    }
}
