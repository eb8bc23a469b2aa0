//! The HTTP interface, one file a resource.

mod health;
mod predictions;
mod problems;
mod races;
