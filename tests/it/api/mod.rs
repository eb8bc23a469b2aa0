//! The HTTP interface, one file a resource.

mod facts;
mod health;
mod predictions;
mod problems;
mod races;
mod replay;
