//! Typed row identities. A [`RaceId`] can never be passed where a [`TrackId`] is wanted.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(i64);

        impl $name {
            /// Wraps a row id read from the database or from a client.
            #[must_use]
            pub const fn new(raw: i64) -> Self {
                Self(raw)
            }

            /// The row id, for binding.
            #[must_use]
            pub const fn get(self) -> i64 {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

ids! {
    /// One racecourse.
    TrackId;
    /// One racing surface of a track, as it was between two dates.
    CircuitId;
    /// One track on one race day.
    MeetingId;
    /// One race of a meeting.
    RaceId;
    /// One dog, whatever the sources call it.
    DogId;
    /// One kennel.
    TrainerId;
    /// One fitted pipeline.
    ModelId;
    /// One piece of work that takes time.
    JobId;
    /// One file that was sent.
    UploadId;
}
