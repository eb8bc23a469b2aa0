//! The HTTP interface, one file a resource.

mod facts;
mod health;
mod keys;
mod predictions;
mod problems;
mod races;
mod replay;
