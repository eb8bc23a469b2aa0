//! The HTTP interface, one file a resource.

mod health;
mod keys;
mod predictions;
mod problems;
mod races;
