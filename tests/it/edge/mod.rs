//! The edge of the door: hostile clients, and what every answer owes to every client.

mod bombs;
mod cross_site;
mod descriptors;
mod dress;
mod encoding;
mod odd_json;
mod slow_clients;
mod wire;
