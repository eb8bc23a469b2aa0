//! What is asked of others: sources, and the addresses they are asked at.

mod source;
mod template;

pub use source::{Expected, Manners, Reach, Request, SourceDraft, SourceKind, SourceSpec};
pub use template::Template;
