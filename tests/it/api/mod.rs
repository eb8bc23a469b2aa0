//! The HTTP interface, one file a resource.

mod dogs;
mod exports;
mod health;
mod history;
mod predictions;
mod problems;
mod races;
mod shapes;
mod tracks;
